/**
 * Machine code for tests, one instruction a line: those that matter to a test are written as bytes, those that lead
 * somewhere by what they lead to. A comment begins with `#`.
 *
 *   ba 64 00 00 00        # mov $100,%edx
 *   lea rdi limit %d      lea of the string that follows
 *   call printk           call, jmp, jne of a name: a field that a relocation fills
 *   jne .out              jmp, jne to a label, as the assembler resolves them; in long form
 *   .out:
 */

export interface BuiltCode {
  readonly bytes: Uint8Array;
  /** Fields of 4 bytes that relocations fill. */
  readonly fields: readonly CodeField[];
  readonly labels: ReadonlyMap<string, number>;
}

export interface CodeField {
  readonly at: number;
  readonly kind: 'branch' | 'string';
  readonly name: string;
}

const BRANCHES: Readonly<Record<string, readonly number[]>> = {
  call: [0xe8],
  jmp: [0xe9],
  jne: [0x0f, 0x85],
};

/** lea 0(%rip),%reg */
const LEAS: Readonly<Record<string, readonly number[]>> = {
  rdi: [0x48, 0x8d, 0x3d],
  rsi: [0x48, 0x8d, 0x35],
  rdx: [0x48, 0x8d, 0x15],
  rbx: [0x48, 0x8d, 0x1d],
  r10: [0x4c, 0x8d, 0x15],
  r12: [0x4c, 0x8d, 0x25],
};

export function buildCode(...lines: readonly string[]): BuiltCode {
  const bytes: number[] = [];
  const fields: CodeField[] = [];
  const labels = new Map<string, number>();
  const jumps: { at: number; label: string }[] = [];
  const field = (opcode: readonly number[], kind: CodeField['kind'], name: string): void => {
    bytes.push(...opcode);
    fields.push({ at: bytes.length, kind, name });
    bytes.push(0, 0, 0, 0);
  };
  for (const line of lines) {
    const text = line.replace(/\s*#.*$/, '').trimStart();
    const [word, ...rest] = text.split(' ');
    if (/^\.\w+:$/.test(text)) labels.set(text.slice(0, -1), bytes.length);
    else if (word === 'lea') field(LEAS[rest[0]], 'string', rest.slice(1).join(' '));
    else if (word in BRANCHES && rest[0].startsWith('.')) {
      jumps.push({ at: bytes.push(...BRANCHES[word]), label: rest[0] });
      bytes.push(0, 0, 0, 0);
    } else if (word in BRANCHES) field(BRANCHES[word], 'branch', rest[0]);
    else bytes.push(...Buffer.from(text.replaceAll(' ', ''), 'hex'));
  }
  const code = Uint8Array.from(bytes);
  const view = new DataView(code.buffer);
  for (const { at, label } of jumps) {
    const target = labels.get(label);
    if (target === undefined) throw new Error(`there is no ${label}`);
    view.setInt32(at, target - at - 4, true);
  }
  return { bytes: code, fields, labels };
}
