/** How a build from source is told of. */
import { describe, expect, test } from '@jest/globals';
import { describeSource } from '../../../src/cli/progress/tasks.js';
import { renderSource, sourceDocument } from '../../../src/report/source.js';

const counts = { compiledOriginal: 1, compiledPatched: 2 };
const replayed = { how: 'replay', reached: 3, cached: 4, asRecorded: 5 } as const;
const because = { kind: 'makefile', text: 'xen/Rules.mk is a makefile' } as const;
const made = { how: 'make', reached: 0, cached: 0, asRecorded: 0 } as const;

describe('a build from source', () => {
  test('by single compilations', () => {
    const verified = { equal: 6, leftOut: ['common/version.o'] };
    const source = { build: { ...replayed, verified }, ...counts };
    expect(renderSource({ source })).toBe(
      [
        'built by single compilations',
        '  the patch reaches 3 source files; 1 original and 2 patched objects compiled, 4 taken from the cache, 5 originals as they were',
        '  make gives the same bytes: 6 changed objects compared (left out, for the date in them: common/version.o)',
        '',
      ].join('\n'),
    );
    expect(sourceDocument({ source })).toEqual({ build: 'replay', because: null, reached: 3, verified: 6 });
  });

  test('by make, and why', () => {
    const source = { build: { ...made, because }, ...counts };
    expect(renderSource({ source })).toContain('built by make: xen/Rules.mk is a makefile\n');
    expect(sourceDocument({ source })).toEqual({ build: 'make', because, reached: null, verified: null });
    expect(renderSource({ source: { build: made, ...counts } })).toContain('built by make\n');
  });

  test('none', () => {
    expect(renderSource({})).toBe('');
    expect(sourceDocument({})).toBeNull();
  });
});

test('progress says what is done and how far it is', () => {
  const event = {
    kind: 'source',
    stage: 'build-base',
    state: 'compiled',
    compiled: 3,
    object: 'common/x.o',
  } as const;
  expect(describeSource({ ...event, total: 450, estimated: true })).toBe(
    'building the tree for the first time (3 of about 450 compiled, common/x.o)',
  );
  expect(describeSource({ ...event, stage: 'replay', total: 9 })).toBe(
    'compiling what the patch reaches (3 of 9 compiled, common/x.o)',
  );
  expect(describeSource({ kind: 'source', stage: 'copy', state: 'begin', compiled: 0 })).toBe(
    'copying the tree',
  );
});
