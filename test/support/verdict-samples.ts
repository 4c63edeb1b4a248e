/** For each code of the emulated hypervisor's verdict: payloads and scenarios that provoke it, on the tiny one. */
import { payloadLayout } from '../../src/hypervisor/payload-layout.js';
import { PROFILES } from '../../src/hypervisor/profiles.js';
import type { XenImage } from '../../src/xen/image.js';
import { provePayloads } from '../../src/validate/prove.js';
import { readScenario } from '../../src/validate/scenario/scenario-file.js';
import type { ValidationInput } from '../../src/validate/validation.js';
import type { Diagnostic } from '../../src/diag/diagnostic.js';
import type { DiagnosticSample } from './diagnostic-samples.js';
import { tinyImage } from './tiny-xen.js';
import { returns, tinyPayload } from './tiny-payload.js';
import type { Code, TinyPayload } from './tiny-payload.js';

const PROFILE = PROFILES['4.17'];
const chosen = { name: 'chosen', bytes: returns(7) };

/** movb $1,symbol(%rip); ret */
export const writeTo = (symbol: string, addend = 0): Code => ({
  bytes: [0xc6, 0x05, 0, 0, 0, 0, 1, 0xc3],
  refers: { at: 2, symbol, addend: addend - 1 },
});

/** An action hook that sets the applied flag of the first function, and does nothing. */
export const mark = (applied: number): Code => ({
  // mov fstate(%rdi),%rax; movb $applied,4(%rax); xor %eax,%eax; ret
  bytes: [
    ...[0x48, 0x8b, 0x47, payloadLayout(PROFILE).offsets.get('fstate') ?? 0],
    ...[0xc6, 0x40, 4, applied, 0x31, 0xc0, 0xc3],
  ],
});

/** A pre-hook that refuses every other time; it counts in the console's buffer. */
export const vetoOnce: Code = {
  // lea written+7(%rip),%rdx; incb (%rdx); movzbl (%rdx),%eax; and $1,%eax; neg %eax; ret
  bytes: [
    ...[0x48, 0x8d, 0x15, 0, 0, 0, 0, 0xfe, 0x02, 0x0f, 0xb6, 0x02],
    ...[0x83, 0xe0, 0x01, 0xf7, 0xd8, 0xc3],
  ],
  refers: { at: 3, symbol: 'written', addend: 7 },
};

/** Records of which the second begins in the jump of the first. */
export function overlapping(): TinyPayload['functions'] {
  const place = tinyImage().symbols.find(({ name }) => name === 'greets')?.address ?? 0n;
  return [
    { name: 'greets', bytes: returns(1) },
    { name: 'greets', bytes: returns(2), oldAddress: place + 3n, oldSize: 8 },
  ];
}

/** An image that claims more memory than there is. */
export function hugeImage(): XenImage {
  const image = tinyImage();
  const sections = image.file.sections.map((one) =>
    one.name === '.bss' ? { ...one, sh_size: 2 ** 40 } : one,
  );
  return { ...image, file: { ...image.file, sections } };
}

const ofPayload = (made: TinyPayload, more: Partial<ValidationInput> = {}): DiagnosticSample => ({
  provoke: async () => {
    const proof = provePayloads({
      image: tinyImage(),
      profile: PROFILE,
      payloads: [{ path: 'fix.xsplice', bytes: tinyPayload(made) }],
      scenarios: [],
      ...more,
    });
    return Promise.resolve({ found: proof.diagnostics });
  },
});

const ofScenario = (json: object): DiagnosticSample => ({
  provoke: async () => {
    const found: Diagnostic[] = [];
    const text = JSON.stringify({ scenario: 1, title: 'what chosen returns', ...json });
    const scenario = readScenario('fix.json', text, (problem) => found.push(problem));
    if (scenario === undefined) return { found };
    return await ofPayload(
      { functions: [chosen] },
      { scenarios: [{ path: 'fix.json', scenario }] },
    ).provoke();
  },
});

export const VERDICT_SAMPLES: Readonly<Record<string, DiagnosticSample>> = {
  XS601: ofPayload({ functions: [chosen], xenDepends: [1, 2, 3] }),
  XS602: ofPayload({ functions: [chosen], on: 0x99 }),
  XS603: ofPayload({ functions: [chosen], hooks: { load: writeTo('spins') } }),
  XS604: ofPayload({ functions: overlapping() ?? [] }),
  XS605: ofPayload({ functions: [chosen], hooks: { load: { bytes: [0x0f, 0x0b] } } }),
  XS606: ofPayload({ functions: [chosen], hooks: { load: writeTo('written', 5) } }),
  XS607: ofPayload({ functions: [chosen] }, { image: hugeImage() }),
  XS608: ofPayload({ functions: [chosen], hooks: { apply: mark(1), revert: mark(0) } }),
  XS609: ofPayload({ functions: [chosen], hooks: { prerevert: vetoOnce } }),
  XS620: ofScenario({ calls: [{ call: 'chosen', befor: { returns: 1 }, arguments: ['one'] }] }),
  XS621: ofScenario({ calls: [{ call: 'chosen', applied: { returns: 1, console: ['patched'] } }] }),
  XS622: ofScenario({ calls: [{ call: 'choosen', before: { returns: 1 } }] }),
};
