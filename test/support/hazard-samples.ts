/** For each code of what is told by looking at loaded payloads: a hypervisor and payloads that provoke it. */
import { SHF_ALLOC, SHF_WRITE } from '../../src/elf/constants.js';
import { findHazards } from '../../src/validate/hazards/find-hazards.js';
import type { DiagnosticSample } from './diagnostic-samples.js';
import type { SceneParts, SceneSection } from './hazard-scene.js';
import { call } from './scene-splices.js';
import { HazardScene } from './hazard-scene.js';

const BODY = ['ba 64 00 00 00', '31 c0', '31 c9', 'c3'];
const THUNKED = ['b8 11 00 00 00', 'jmp __x86_return_thunk'];

const running = (): HazardScene =>
  new HazardScene()
    .code('__x86_return_thunk', 'c3', 'cc')
    .code('do_foo', ...BODY, 'jne do_foo.cold')
    .code('do_foo.cold', '31 c0', 'jmp do_foo+7')
    .code('xen_minor_version', ...THUNKED)
    .code('tiny', '31 c0')
    .nameless('31 c0', 'c3')
    .boot('init_foo', ...BODY)
    .data('foo_limit', '.data', [1, 0, 0, 0])
    .data('bar_limit', '.data', [1, 0, 0, 0]);

/** What is found with these payloads on top, the first called fix-1.xsplice. */
const ofScene = (scene: HazardScene, ...payloads: readonly SceneParts[]): DiagnosticSample => ({
  provoke: async () => {
    for (const [k, parts] of payloads.entries()) scene.payload(`fix-${String(k + 1)}.xsplice`, parts);
    return Promise.resolve({ found: findHazards(scene.subject()) });
  },
});

const ofPayloads = (...payloads: readonly SceneParts[]): DiagnosticSample => ofScene(running(), ...payloads);

const replacing = { text: { new_foo: BODY }, records: [{ old: 'do_foo', new: 'new_foo' }] };
const writable = (name: string): SceneSection[] => [
  { name, bytes: [0, 0, 0, 0], flags: SHF_ALLOC | SHF_WRITE },
];
const exceptionTable = (at: string, to: string): SceneParts => ({
  text: { new_foo: BODY },
  sections: [{ name: '.ex_table', bytes: new Array<number>(8).fill(0) }],
  references: [
    { section: '.ex_table', at: 0, to: at, kind: 'distance' },
    { section: '.ex_table', at: 4, to, kind: 'distance' },
  ],
});

/** A hypervisor in which `caller` calls `do_foo` twice. */
const called = (): HazardScene =>
  running()
    .code('caller', 'call do_foo', '31 c0', 'call do_foo', 'c3')
    .data('table', '.data', [1, 0, 0, 0, 0, 0, 0, 0]);
const turnedOnce = (old?: readonly number[]): SceneParts => ({
  text: { new_foo: BODY },
  splices: (resolve) => [
    {
      kind: 'branch',
      of: 'do_foo',
      at: 'caller',
      new: 'new_foo',
      old: old ?? call(resolve('caller'), resolve('do_foo')),
      bytes: call(resolve('caller'), resolve('new_foo')),
    },
  ],
});

export const HAZARD_SAMPLES: Readonly<Record<string, DiagnosticSample>> = {
  XS610: ofPayloads({ text: { new_foo: ['call foo_limit', 'lea rdi 0xffff82d0400f0000', 'c3'] } }),
  XS611: ofPayloads({ text: { new_foo: ['31 c0', 'call init_foo', 'c3'] } }),
  XS612: ofPayloads({ ...replacing, records: [...replacing.records, ...replacing.records] }),
  XS613: ofPayloads({ text: { new_foo: BODY }, records: [{ old: 'do_foo', new: 'new_foo+5' }] }),
  XS614: ofPayloads({
    text: { new_foo: BODY },
    records: [
      { old: 'do_foo+5', new: 'new_foo', oldSize: 10 },
      { old: 'foo_limit', new: 'new_foo', oldSize: 10 },
      { old: '0xffff82d0400f0000', new: 'new_foo', oldSize: 10 },
    ],
  }),
  XS615: ofPayloads({ text: { new_foo: BODY }, records: [{ old: 'tiny', new: 'new_foo', oldSize: 5 }] }),
  XS640: ofScene(called(), turnedOnce([0xe8, 1, 2, 3, 4])),
  XS641: ofScene(called(), {
    text: { new_foo: BODY },
    splices: () => [
      { kind: 'inPlace', of: 'do_foo', at: 'do_foo+1', old: [0x64, 0, 0, 0], bytes: [0x65, 0, 0, 0] },
      {
        kind: 'pointer',
        of: 'do_foo',
        at: 'table',
        new: 'new_foo',
        old: [1, 0, 0, 0, 0, 0, 0, 0],
        bytes: [2, 0, 0, 0, 0, 0, 0, 0],
      },
    ],
  }),
  XS642: ofScene(called(), turnedOnce()),
  XS616: ofPayloads({ records: [{ old: 'xen_minor_version', newSize: 9 }] }),
  XS617: ofScene(running().code('enters', '31 c0', 'jmp do_foo+2'), replacing),
  XS618: ofPayloads({ ...replacing, text: { new_foo: [...BODY, 'jne do_foo.cold', 'call do_foo+5'] } }),
  XS619: ofPayloads(exceptionTable('new_foo', 'init_foo')),
  XS630: ofScene(running().code('continues', 'call do_foo+7', 'jmp do_foo+9'), replacing),
  XS631: ofPayloads({ ...replacing, records: [{ old: 'do_foo', new: 'new_foo', oldSize: 40 }] }),
  XS632: ofPayloads(replacing, { text: { bar: ['call new_foo', 'c3'] } }),
  XS633: ofPayloads({ ...replacing, sections: writable('.data'), safeToReapply: false }),
  XS634: ofPayloads({
    ...replacing,
    sections: writable('.bss.percpu'),
    symbols: [{ name: 'per_cpu__foo_depth', section: '.bss.percpu', value: 0 }],
  }),
  XS635: ofPayloads({ sections: [{ name: '.initcall1.init', bytes: [0, 0, 0, 0, 0, 0, 0, 0] }] }),
  XS636: ofPayloads(exceptionTable('do_foo', 'new_foo')),
  XS637: ofPayloads({ text: { new_foo: ['lea rdi foo_limit+0x10', 'c3'] } }),
};
