/**
 * Writes the archive that a Linux kernel unpacks as its first root file system: cpio in the "new ASCII"
 * format (Documentation/driver-api/early-userspace/buffer-format.rst of Linux). Each member is
 *
 *   +0    "070701"
 *   +6    13 fields of 8 hexadecimal digits: ino mode uid gid nlink mtime filesize
 *         devmajor devminor rdevmajor rdevminor namesize check
 *   +110  name, NUL, zeros up to a multiple of 4; then the contents, zeros up to a multiple of 4
 *
 * and the archive ends with a member named TRAILER!!!. Owner, times and inode numbers are constants, so the
 * same members give the same bytes.
 */

export interface CpioMember {
  /** Path without a leading slash. Parent directories must come before what they hold. */
  readonly name: string;
  /** File type and permissions, as st_mode: S_IFREG 0o100000, S_IFDIR 0o040000, S_IFLNK 0o120000, S_IFCHR 0o020000. */
  readonly mode: number;
  /** Contents of a file, target of a symbolic link; empty for directories and devices. */
  readonly contents: Uint8Array;
  /** Major and minor number of a device. */
  readonly device?: readonly [number, number];
}

const HEADER_BYTES = 110;
const TRAILER: CpioMember = { name: 'TRAILER!!!', mode: 0, contents: new Uint8Array() };

export function writeCpio(members: readonly CpioMember[]): Uint8Array {
  const parts = [...members, TRAILER].map((member, index) => memberBytes(member, index + 1));
  return Buffer.concat(parts);
}

function memberBytes(member: CpioMember, ino: number): Buffer {
  const name = Buffer.from(`${member.name}\0`);
  const [rdevmajor, rdevminor] = member.device ?? [0, 0];
  const filesize = member.contents.length;
  const fields = [ino, member.mode, 0, 0, 1, 0, filesize, 0, 0, rdevmajor, rdevminor, name.length, 0];
  const header = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`;
  const contents_at = roundUp4(HEADER_BYTES + name.length);
  const bytes = Buffer.alloc(contents_at + roundUp4(filesize));
  bytes.write(header, 0, 'latin1');
  name.copy(bytes, HEADER_BYTES);
  bytes.set(member.contents, contents_at);
  return bytes;
}

function roundUp4(bytes: number): number {
  return (bytes + 3) & ~3;
}
