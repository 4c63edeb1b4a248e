/** `.altinstructions` and `.alt_call_sites` of payloads: what is demanded of them, and that they are applied. */
import { describe, expect, test } from '@jest/globals';
import * as c from '../../../../src/elf/constants.js';
import { patchedSection } from '../../../support/elf-builder.js';
import type { ElfBuilder } from '../../../support/elf-builder.js';
import type { FakeGuest } from '../../../support/fake-guest.js';
import { A, AX, sample, sampleGuest, u32, WA } from '../../../support/payload-samples.js';
import { mustLoad, outcomeOf, refusal } from '../../../support/upload-outcome.js';
import type { Outcome } from '../../../support/upload-outcome.js';

interface Fields {
  readonly cpuid?: number;
  readonly orig?: { readonly section: string; readonly at: number };
  readonly repl?: { readonly section: string; readonly at: number };
  readonly origLen?: number;
  readonly replLen?: number;
  readonly padLen?: number;
}

/** A payload with one alternative; by default its replacement of 2 bytes is taken. */
function withAlternative(guest: FakeGuest, fields: Fields = {}): ElfBuilder {
  const orig = fields.orig ?? { section: '.text.patched', at: 2 };
  const repl = fields.repl ?? { section: '.altinstr_replacement', at: 0 };
  guest.features.add(5);
  const cpuid = fields.cpuid ?? 5;
  const lengths = [fields.origLen ?? 4, fields.replLen ?? 2, fields.padLen ?? 0, 0];
  const entry = [...u32(0), ...u32(0), cpuid & 255, cpuid >>> 8, ...lengths];
  return sample(guest)
    .section('.text.patched', new Array<number>(8).fill(0x90), { flags: AX, align: 16 })
    .section('.altinstr_replacement', [0xcc, 0xcd], { flags: AX })
    .section('.altinstructions', entry.slice(0, guest.profile.altInstrSize))
    .rela('.altinstructions', 0, c.R_X86_64_PC32, { section: orig.section }, orig.at)
    .rela('.altinstructions', 4, c.R_X86_64_PC32, { section: repl.section }, repl.at);
}

/** Without the announcement of the table, whose address is tested elsewhere. */
function outcome(guest: FakeGuest, bytes: Uint8Array): Outcome {
  const result = outcomeOf(guest, bytes);
  return { ...result, said: result.said.filter((line) => !line.startsWith('alt table ')) };
}

/** Numbers in a message are addresses, which are not what a test is about. */
function withoutAddresses(result: Outcome): unknown {
  return { ...result, said: result.said.map((line) => line.replace(/[0-9a-f]{16}/g, '@')) };
}

describe('.altinstructions', () => {
  test.each(['4.7', '4.14', '4.17', '4.20', '4.21'] as const)('are applied by %s', (name) => {
    const guest = sampleGuest(name);
    const { sections } = mustLoad(guest, withAlternative(guest).bytes());
    const at = sections.find((s) => s.name === '.text.patched')?.address ?? 0n;
    expect([...guest.memory.read(at, 8)]).toEqual([0x90, 0x90, 0xcc, 0xcd, 0x66, 0x90, 0x90, 0x90]);
  });

  test('are whole entries', () => {
    const guest = sampleGuest();
    expect(outcome(guest, sample(guest).section('.altinstructions', [1, 2, 3]).bytes())).toEqual(
      refusal('EINVAL', 'Wrong size 3 of .altinstructions (must be multiple of 14)'),
    );
  });

  test('may be empty', () => {
    const guest = sampleGuest();
    const bytes = sample(guest).section('.altinstructions', []).bytes();
    expect(outcomeOf(guest, bytes)).toHaveProperty('said', []);
    const old = sampleGuest('4.14');
    expect(outcomeOf(old, sample(old).section('.altinstructions', []).bytes()).said).toHaveLength(1);
  });

  test('need code, and replacements', () => {
    const said = (text: string): unknown => ({ refused: 'EINVAL', said: [`livepatch: p ${text}`] });
    const guest = sampleGuest();
    const alone = sample(guest).section('.altinstructions', new Array<number>(14).fill(0)).bytes();
    expect(outcome(guest, alone)).toEqual(said('.altinstructions provided, but no .altinstr_replacement'));
    const noText = patchedSection(alone, '.text.replacement', 'sh_flags', A);
    expect(outcome(guest, noText)).toEqual(said('Alternatives provided, but no .text'));
  });

  test.each([
    ['before the code', { orig: { section: '.rodata.names', at: -0x2000 } }],
    ['behind the code', { orig: { section: '.altinstr_replacement', at: 0 }, origLen: 3 }],
    ['longer than the code', { origLen: 255 }],
  ])('patch nothing %s', (_, fields) => {
    const guest = sampleGuest();
    const origLen = 'origLen' in fields ? fields.origLen : 4;
    expect(withoutAddresses(outcome(guest, withAlternative(guest, fields).bytes()))).toEqual({
      refused: 'EINVAL',
      said: [`livepatch: p Alternative orig @+0x${origLen.toString(16)} outside payload text @+0x1a`],
    });
  });

  test.each([
    ['before the replacements', { repl: { section: '.text.patched', at: 0 } }],
    ['behind the replacements', { replLen: 1, repl: { section: '.altinstr_replacement', at: 2 } }],
    ['longer than the replacements', { replLen: 3 }],
  ])('take nothing %s', (_, fields) => {
    const guest = sampleGuest();
    const replLen = 'replLen' in fields ? fields.replLen : 2;
    expect(withoutAddresses(outcome(guest, withAlternative(guest, fields).bytes()))).toEqual({
      refused: 'EINVAL',
      said: [`livepatch: p Alternative repl @+0x${replLen} outside .altinstr_replacement @+0x2`],
    });
  });

  test('are not looked at before 4.17.4: data is rewritten, and what is read-only kills the host', () => {
    const guest = sampleGuest('4.14');
    guest.features.add(5);
    const patching = (target: string | { readonly section: string }): Uint8Array =>
      sample(guest)
        .section('.data', new Array<number>(8).fill(0x90), { flags: WA })
        .section('.altinstructions', [...u32(0), ...u32(0), 5, 0, 4, 1, 0, 0])
        .rela('.altinstructions', 0, c.R_X86_64_PC32, target)
        .rela('.altinstructions', 4, c.R_X86_64_PC32, { section: '.rodata.names' })
        .bytes();
    const { sections } = mustLoad(guest, patching({ section: '.data' }));
    const at = sections.find((s) => s.name === '.data')?.address ?? 0n;
    expect([...guest.memory.read(at, 5)]).toEqual([0x76, 0x0f, 0x1f, 0x00, 0x90]);
    expect(outcomeOf(guest, patching('victim'))).toHaveProperty(
      'died',
      `page fault: applying an alternative writes to 0x${guest.lookup('victim').toString(16)}`,
    );
  });

  test('have padding that nobody looks at: it may reach behind the code', () => {
    const guest = sampleGuest();
    const { text } = mustLoad(guest, withAlternative(guest, { padLen: 250 }).bytes());
    expect(guest.memory.read(text.end, 0x100)).toContain(0x66);
  });

  test('that cannot be kill the host before 4.20, and are refused since', () => {
    const guest = sampleGuest();
    expect(outcome(guest, withAlternative(guest, { cpuid: 0x7fff }).bytes())).toHaveProperty('died');
    const later = sampleGuest('4.20');
    expect(withoutAddresses(outcome(later, withAlternative(later, { cpuid: 0x7fff }).bytes()))).toEqual({
      refused: 'ERANGE',
      said: [
        'Alt for @, feature 0x7fff outside of featureset range 0x2a0',
        'livepatch: p applying alternatives failed: -34',
      ],
    });
  });
});

describe('.alt_call_sites', () => {
  const CALL = [0xff, 0x15, 0, 0, 0, 0];
  /** A payload with one call of 4.21 through a variable of Xen's. */
  function withCall(guest: FakeGuest, at = 0, code: readonly number[] = CALL): ElfBuilder {
    guest.defineData('pointer', new Uint8Array(BigUint64Array.of(guest.lookup('victim')).buffer));
    return sample(guest)
      .text('.text.caller', code)
      .rela('.text.caller', 2, c.R_X86_64_PC32, 'pointer', -4)
      .section('.alt_call_sites', u32(0), { align: 4 })
      .rela('.alt_call_sites', 0, c.R_X86_64_PC32, { section: '.text.caller' }, at);
  }
  const caller = (guest: FakeGuest, bytes: Uint8Array): { at: bigint; code: Uint8Array } => {
    const at = mustLoad(guest, bytes).sections.find((s) => s.name === '.text.caller')?.address ?? 0n;
    return { at, code: guest.memory.read(at, 6) };
  };

  test('become direct calls, with a prefix', () => {
    const guest = sampleGuest('4.21');
    const { at, code } = caller(guest, withCall(guest).bytes());
    expect([...code.subarray(0, 2)]).toEqual([0x2e, 0xe8]);
    const distance = new DataView(code.buffer, code.byteOffset).getInt32(2, true);
    expect(at + 6n + BigInt(distance)).toBe(guest.lookup('victim'));
    expect(guest.console.lines).toEqual([
      `Altcall ${at.toString(16)} dest ${guest.lookup('victim').toString(16)} has no endbr64`,
    ]);
  });

  test('are sealed when the pointer is null', () => {
    const guest = sampleGuest('4.21');
    const bytes = withCall(guest).bytes();
    guest.memory.write(guest.lookup('pointer'), new Uint8Array(8));
    expect([...caller(guest, bytes).code]).toEqual([0x0f, 0x0b, 0x0f, 0x0b, 0x0f, 0x0b]);
  });

  test('are nothing to a release before', () => {
    const guest = sampleGuest('4.20');
    expect([...caller(guest, withCall(guest).bytes()).code.subarray(0, 2)]).toEqual([0xff, 0x15]);
  });

  test('are calls, in the code of the payload, and there is code', () => {
    const guest = sampleGuest('4.21');
    const wrong = outcomeOf(guest, withCall(guest, 0, [0xff, 0x25, 0, 0, 0, 0]).bytes());
    const said = [
      /^Altcall for @ \[ff 25( ..){4}\] not CALL \*RIPREL$/,
      /: Applying alternative calls failed: -22$/,
    ];
    expect(withoutAddresses(wrong)).toEqual({
      refused: 'EINVAL',
      said: said.map((pattern): unknown => expect.stringMatching(pattern)),
    });
    expect(withoutAddresses(outcomeOf(guest, withCall(guest, 1).bytes()))).toEqual({
      refused: 'EINVAL',
      said: ['livepatch: p: Alternative call @+0x6 outside payload text @+0x16'],
    });
    const noText = sample(guest).section('.alt_call_sites', u32(0)).bytes();
    expect(outcomeOf(guest, patchedSection(noText, '.text.replacement', 'sh_flags', A))).toEqual({
      refused: 'EINVAL',
      said: ['livepatch: p Alternative calls provided, but no .text'],
    });
    expect(outcomeOf(guest, sample(guest).section('.alt_call_sites', [1, 2]).bytes())).toEqual(
      refusal('EINVAL', 'Wrong size 2 of .alt_call_sites (must be multiple of 4)'),
    );
    expect(outcomeOf(guest, sample(guest).section('.alt_call_sites', []).bytes())).toHaveProperty('payload');
  });
});
