/** What of a tree is linked at all: members of archives need not be. */
import { expect, test } from '@jest/globals';
import { judgeBase } from '../../passes/judge-base.js';
import type { BaseProof, ObjectProof } from '../../src/model/base-artifacts.js';
import { linkedImage } from '../../src/xen/linked-image.js';
import { TARGETS } from '../../src/xen/versions.js';
import { running } from '../support/small-payload.js';

function proof(
  object: string,
  member: boolean,
  proven: readonly string[],
  missing: readonly string[],
): ObjectProof {
  const nowhere = { size: 1, place: -1, imageSize: 0, at: 0, reasons: ['it is not there'], excerpt: null };
  const unproven = missing.map(
    (name) => ({ ...nowhere, object, name, verdict: 'differs', kind: 'missing' }) as const,
  );
  return { object, member, proven, unproven, compilers: [], asserts: false, diagnostics: [] };
}

function judged(...objects: readonly ObjectProof[]): BaseProof {
  const image = linkedImage(running({ f: 16 }));
  return judgeBase.run(
    {
      kind: 'object-proofs',
      image,
      objects,
      question: { wanted: null, renumbered: false, whole: true },
    },
    { target: TARGETS.xen, report: () => undefined },
  );
}

test('a member of an archive of which nothing is there is not linked, any other object must be', () => {
  const { notLinked, counts } = judged(
    proof('a.o', false, ['f', 'copy'], []),
    proof('b.o', false, [], ['g']),
    proof('lib/c.o', true, [], ['h', 'i']),
    proof('lib/d.o', true, ['j'], ['k']),
  );
  expect(notLinked).toEqual(['lib/c.o']);
  expect(counts).toEqual({ functions: 5, proven: 3, stamped: 0, differ: 2, unchecked: 0 });
});

test('nor is one whose functions another object brings', () => {
  const other = proof('lib/copy.o', true, [], ['copy']);
  const longer = { ...other, unproven: other.unproven.map((one) => ({ ...one, kind: 'size' as const })) };
  expect(judged(proof('a.o', false, ['copy'], []), longer).notLinked).toEqual(['lib/copy.o']);
  expect(judged(proof('a.o', false, ['f'], []), longer).notLinked).toEqual([]);
});
