/**
 * Functions that report lines, for tests: an object around a few instructions (see code-builder.ts), and the question
 * that whoever compares two versions asks of each byte in which they differ.
 */
import { expect } from '@jest/globals';
import * as c from '../../src/elf/constants.js';
import { lineNumberField } from '../../src/model/line-numbers.js';
import type { Atom, ObjectModel } from '../../src/model/object-model.js';
import { atomBytes } from '../../src/model/object-model.js';
import type { Reporter } from '../../src/xen/reporting-functions.js';
import { XEN_REPORTERS } from '../../src/xen/reporting-functions.js';
import { buildCode } from './code-builder.js';
import { ElfBuilder } from './elf-builder.js';
import { atomNamed, modelled } from './in-memory.js';

export const FILE = 'common/domain.c';
export const CRASH = 'domain_crash called from %s:%d\n';
export const FORMAT = `lea rdi ${CRASH}`;
export const NAME = `lea rsi ${FILE}`;

/** mov $line,%edx */
export const edx = (line: number): string => `ba ${imm32(line)}`;

export function imm32(value: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes.toString('hex');
}

export type More = (object: ElfBuilder) => ElfBuilder;

/** An object with a function f of this code, and its strings in .rodata.str1.1. */
export function objectOf(lines: readonly string[], more: More = (object) => object): ElfBuilder {
  const { bytes, fields } = buildCode(...lines);
  const strings = [...new Set(fields.filter(({ kind }) => kind === 'string').map(({ name }) => name))];
  const places = new Map<string, number>();
  let end = 0;
  for (const text of strings) {
    places.set(text, end);
    end += text.length + 1;
  }
  const object = more(
    new ElfBuilder()
      .text('.text.f', bytes)
      .symbol('f', { section: '.text.f', type: c.STT_FUNC, size: bytes.length })
      .strings('.rodata.str1.1', ...strings),
  );
  for (const { at, kind, name } of fields) {
    if (kind === 'branch') object.rela('.text.f', at, c.R_X86_64_PLT32, name, -4);
    else
      object.rela('.text.f', at, c.R_X86_64_PC32, { section: '.rodata.str1.1' }, (places.get(name) ?? 0) - 4);
  }
  return object;
}

/**
 * Two versions of f, for line 100 and line 101: whether all bytes in which they differ are lines, as whoever compares
 * them would ask.
 */
export function onlyLines(
  code: (line: number) => readonly string[],
  more?: More,
  reporters: readonly Reporter[] = XEN_REPORTERS,
): boolean {
  const orig = modelled(objectOf(code(100), more));
  const patched = modelled(objectOf(code(101), more));
  const [a, b] = [atomNamed(orig, 'f'), atomNamed(patched, 'f')];
  return allLines(orig, a, patched, b, reporters);
}

export function allLines(
  orig: ObjectModel,
  a: Atom,
  patched: ObjectModel,
  b: Atom,
  reporters: readonly Reporter[] = XEN_REPORTERS,
): boolean {
  const [x, y] = [atomBytes(orig, a), atomBytes(patched, b)];
  let fields = 0;
  for (let at = 0; at < x.length; at++) {
    if (x[at] === y[at]) continue;
    const field = lineNumberField(orig, a, patched, b, at, reporters);
    if (field === undefined) return false;
    expect(field.start).toBeLessThanOrEqual(at);
    expect(field.end).toBeGreaterThan(at);
    fields += 1;
    at = field.end - 1;
  }
  expect(fields).toBeGreaterThan(0);
  return true;
}
