/** Bytes that are put one behind the other, each piece known by where it came to stand. */
export class ByteSequence {
  private readonly pieces: Uint8Array[] = [];
  private readonly known = new Map<string, number>();
  length = 0;

  /** Gives where they begin. */
  add(bytes: Uint8Array): number {
    const at = this.length;
    this.pieces.push(bytes);
    this.length += bytes.length;
    return at;
  }

  /** The same, once for equal bytes. */
  addOnce(bytes: Uint8Array): number {
    const key = Buffer.from(bytes).toString('latin1');
    const found = this.known.get(key) ?? this.add(bytes);
    this.known.set(key, found);
    return found;
  }

  all(): Uint8Array {
    return Uint8Array.from(Buffer.concat(this.pieces));
  }
}
