/** Bytes as plans show them, `48 89 e0`, and back. */

export function hexText(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString('hex')
    .replace(/..(?=.)/g, '$& ');
}

export function bytesOfText(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replace(/ /g, ''), 'hex'));
}
