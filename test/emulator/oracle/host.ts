/** Runs cases on the real processor: compiles oracle.c with the gcc at hand, and talks to it in batches. */
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { START } from './layout.js';
import type { Input, Outcome } from './layout.js';

const INPUT_BYTES = 16 + 128 + 8 + 256 + 64;
const RESULT_BYTES = 128 + 8 + 8 + 256 + 64 + 8 + 8 + 8;
export const BATCH = 1024;
const SOURCE = fileURLToPath(new URL('../../../../test/emulator/oracle/oracle.c', import.meta.url));

/** A page fault of the fetch behind the instruction, which is not its own. */
const FETCH = 0x10;

export class Host {
  private readonly folder = mkdtempSync(join(tmpdir(), 'oracle-'));
  private readonly child: ChildProcessWithoutNullStreams;
  private received: Buffer[] = [];
  private wake: (() => void) | undefined;
  private ended = false;

  constructor() {
    const program = join(this.folder, 'oracle');
    const made = spawnSync('gcc', ['-O1', '-o', program, SOURCE], { encoding: 'utf8' });
    if (made.status !== 0)
      throw new Error(`gcc cannot make the oracle: ${made.error?.message ?? made.stderr}`);
    this.child = spawn(program);
    this.child.stdout.on('data', (bytes: Buffer) => {
      this.received.push(bytes);
      this.wake?.();
    });
    this.child.on('exit', () => {
      this.ended = true;
      this.wake?.();
    });
  }

  /** Runs at most BATCH cases. */
  async run(inputs: readonly Input[]): Promise<Outcome[]> {
    this.send(inputs);
    const bytes = await this.receive(inputs.length * RESULT_BYTES);
    return inputs.map((input, k) => outcomeOf(input, bytes.subarray(k * RESULT_BYTES)));
  }

  close(): void {
    this.child.kill('SIGKILL');
    rmSync(this.folder, { recursive: true });
  }

  private send(inputs: readonly Input[]): void {
    const bytes = Buffer.alloc(4 + inputs.length * INPUT_BYTES);
    bytes.writeUInt32LE(inputs.length, 0);
    inputs.forEach((input, k) => {
      let at = 4 + k * INPUT_BYTES;
      bytes.fill(0xcc, at, at + 16).set(input.code, at);
      at += 16;
      for (const value of [...input.gpr, BigInt(input.rflags), ...input.xmm]) {
        bytes.writeBigUInt64LE(value, at);
        at += 8;
      }
      bytes.set(input.window, at);
    });
    this.child.stdin.write(bytes);
  }

  private async receive(length: number): Promise<Buffer> {
    for (;;) {
      const have = this.received.reduce((sum, bytes) => sum + bytes.length, 0);
      if (have >= length) break;
      if (this.ended) throw new Error('the oracle ended before its time');
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    const bytes = Buffer.concat(this.received);
    this.received = [bytes.subarray(length)];
    return bytes.subarray(0, length);
  }
}

function outcomeOf(input: Input, bytes: Buffer): Outcome {
  const words = (at: number, count: number): bigint[] =>
    Array.from({ length: count }, (_, k) => bytes.readBigUInt64LE(at + 8 * k));
  const trap = bytes.readUInt32LE(464);
  const cr2 = bytes.readBigUInt64LE(472);
  // Linux tells programs that its own half of the addresses is present, so that they learn nothing of it.
  const errorCode = bytes.readUInt32LE(468) & (trap === 14 && cr2 >> 63n === 1n ? ~1 : ~0);
  const rip = bytes.readBigUInt64LE(128);
  const isInt3 = input.code[input.code.length - 1] === 0xcc && rip === START + BigInt(input.code.length);
  const behind = trap === 14 && (errorCode & FETCH) !== 0;
  const ended = (trap === 3 && !isInt3) || behind;
  return {
    gpr: words(0, 16),
    rip: trap === 3 && !isInt3 ? rip - 1n : rip,
    rflags: Number(bytes.readBigUInt64LE(136)) & ~0x10000,
    xmm: words(144, 32),
    window: Uint8Array.from(bytes.subarray(400, 464)),
    vector: ended ? -1 : trap,
    errorCode: ended ? 0 : errorCode,
    address: trap === 14 && !behind ? cr2 : 0n,
    stray: bytes.readBigUInt64LE(480) !== 0n,
  };
}
