/** Source entries beside binary ones in both of apt's formats, and the choice of a kernel. */
import { describe, expect, test } from '@jest/globals';
import {
  addSourceLines,
  addSourceTypes,
  newestKernelPackage,
  withSources,
} from '../../../src/qemu/apt-sources.js';

describe('the one-line format', () => {
  test('gets a deb-src line after each deb line, with its options', () => {
    const list = '# mirror\ndeb [signed-by=/k.gpg] http://mirror.example/debian bookworm main\n';
    expect(addSourceLines(list)).toBe(
      '# mirror\n' +
        'deb [signed-by=/k.gpg] http://mirror.example/debian bookworm main\n' +
        'deb-src [signed-by=/k.gpg] http://mirror.example/debian bookworm main\n',
    );
  });

  test('does not get a second one, and comments stay comments', () => {
    const list =
      'deb http://mirror.example/debian bookworm main\ndeb-src http://mirror.example/debian bookworm main\n#deb x y z';
    expect(addSourceLines(list)).toBe(list);
  });
});

describe('the deb822 format', () => {
  test('gets both types in each stanza, other fields untouched', () => {
    const sources =
      'Types: deb\nURIs: http://mirror.example/debian\nSigned-By:\n -----BEGIN\n .\n\ntypes: deb\nSuites: x\n';
    expect(addSourceTypes(sources)).toBe(
      'Types: deb deb-src\nURIs: http://mirror.example/debian\nSigned-By:\n -----BEGIN\n .\n\nTypes: deb deb-src\nSuites: x\n',
    );
  });

  test.each(['Types: deb-src', 'Types: deb deb-src', 'Types: deb-src deb'])('%s stays as it is', (line) => {
    expect(addSourceTypes(line)).toBe(line);
  });
});

test('only files that apt itself would read count', () => {
  expect(withSources('a.list', 'deb u s c')).toBe('deb u s c\ndeb-src u s c');
  expect(withSources('a.sources', 'Types: deb')).toBe('Types: deb deb-src');
  expect(withSources('a.list.disabled', 'deb u s c')).toBeNull();
});

describe('the kernel', () => {
  const names = [
    'linux-image-6.1.0-9-amd64',
    'linux-image-6.1.0-47-amd64',
    'linux-image-6.1.0-54-cloud-amd64',
    'linux-image-6.1.0-54-rt-amd64',
    'linux-image-6.1.0-54-amd64-unsigned',
    'linux-image-6.1.0-54-amd64-dbg',
    'linux-image-6.12.0-99-amd64',
  ];

  test('is the plain one with the highest number, compared as a number', () => {
    expect(newestKernelPackage(names, '6.1.0')).toBe('linux-image-6.1.0-47-amd64');
  });

  test('is missing when only variants are offered', () => {
    expect(newestKernelPackage(names.slice(2), '6.1.0')).toBeUndefined();
  });
});
