/**
 * Whether the callers that a plan names are those that objdump shows: for functions chosen at random, all direct calls
 * and jumps of the hypervisor's text.
 */
import { STT_FUNC } from '../../src/elf/constants.js';
import { Memory } from '../../src/emulator/memory.js';
import { PROFILES } from '../../src/hypervisor/profiles.js';
import { run } from '../../src/qemu/command.js';
import { findCallers } from '../../src/atlas/callers.js';
import { AddressMap } from '../../src/atlas/address-map.js';
import { CodePieces } from '../../src/atlas/code-pieces.js';
import type { ImageSymbol, XenImage } from '../../src/xen/image.js';
import { Random } from '../mutations/random.js';

const BRANCH =
  /^\s*([0-9a-f]+):\s+(?:bnd |notrack )?(?:call|j[a-z]+|loop[a-z]*)(?:,p[nt])?\s+(?:0x)?([0-9a-f]+)\b/;

/** Direct branches of .text by what they lead to, both as objdump prints addresses. */
export async function objdumpBranches(path: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const text = await run('objdump', ['-d', '--no-show-raw-insn', '-j', '.text', path]);
  const found = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const [, from, to] = BRANCH.exec(line) ?? [];
    if (from === undefined || to === undefined) continue;
    const list = found.get(to);
    if (list === undefined) found.set(to, [from]);
    else list.push(from);
  }
  return found;
}

/** Differences for so many functions, one line each; empty when there are none. */
export async function callerDifferences(
  path: string,
  image: XenImage,
  count: number,
  seed: number,
): Promise<{ readonly sites: number; readonly differences: readonly string[] }> {
  const shown = await objdumpBranches(path);
  const chosen = new Random(seed)
    .shuffled(image.symbols.filter((one) => isInText(image, one)))
    .slice(0, count);
  const map = new AddressMap({ image, stack: [], memory: new Memory(4096), profile: PROFILES['4.17'] });
  const pieces = new CodePieces(map);
  const found = findCallers(
    map,
    pieces,
    chosen.map(({ address }) => map.place(address)),
  );
  let sites = 0;
  const differences = chosen.flatMap(({ name, address, size }, k) => {
    const own = found[k].sites.map((site) => site.address.slice(2)).sort();
    const within = (from: string): boolean => {
      const distance = BigInt(`0x${from}`) - address;
      return distance >= 0n && distance < BigInt(size);
    };
    const theirs = (shown.get(address.toString(16)) ?? []).filter((from) => !within(from)).sort();
    sites += theirs.length;
    const only = (these: readonly string[], others: readonly string[]): string =>
      these
        .filter((site) => !others.includes(site))
        .slice(0, 5)
        .join(' ');
    if (own.join() === theirs.join()) return [];
    return [`${name}: ${own.length} and ${theirs.length}: + ${only(own, theirs)} - ${only(theirs, own)}`];
  });
  return { sites, differences };
}

function isInText(image: XenImage, { address, size, type }: ImageSymbol): boolean {
  const text = image.file.sections.find(({ name }) => name === '.text');
  if (text === undefined || type !== STT_FUNC || size === 0) return false;
  return address >= text.sh_addr && address < text.sh_addr + BigInt(text.sh_size);
}
