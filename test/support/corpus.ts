/**
 * The rules of golden/corpus: what compilers do to an object, and what the differ has to make of it.
 *
 * A rule is a folder with two sources, the pairs of objects that several compilers and flags make of them, and, in
 * the first comment of the original source, the rule as a sentence and what is expected:
 *
 *     expect: changed f g; new h; carried table; removed k
 *     expect(clang*): changed f; new =f.count
 *
 * Expectations are written by whoever knows what is right; the golden text beside them is what the differ said. They
 * are exact: a name too many is as wrong as one too few. How to write a rule: golden/corpus/README.md.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { GOLDEN } from './golden.js';

export const CORPUS = join(GOLDEN, 'corpus');

/** An error that is demanded: its code, and the symbol that it names when the rule says so. */
interface ExpectedError {
  readonly code?: string;
  readonly symbol?: string;
}

export interface Expectation {
  /** Empty: no error may be found. One without a code: any error will do. */
  readonly errors: readonly ExpectedError[];
  /** Names, as sets. Undefined: a refused pair of which the rule does not say what else it holds. */
  readonly changed?: readonly string[];
  readonly added?: readonly string[];
  readonly carried?: readonly string[];
  readonly removed?: readonly string[];
}

export interface Rule {
  readonly name: string;
  readonly refused: boolean;
  /** What changes, what is expected and why. */
  readonly sentence: string;
  readonly variants: readonly string[];
  /** Functions that are named to the differ as reporting lines, as --reports-line takes them. */
  readonly reports: readonly string[];
  /** Later ones go before earlier ones. */
  readonly expectations: readonly { readonly globs: readonly string[]; readonly expected: Expectation }[];
}

/** What a comparison has found, as far as expectations speak of it. */
export interface Findings {
  readonly changed: readonly string[];
  readonly added: readonly string[];
  readonly carried: readonly string[];
  readonly removed: readonly string[];
  readonly errors: readonly { readonly code: string; readonly symbol: string }[];
}

export function corpusRules(): Rule[] {
  return readdirSync(CORPUS, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => readRule(entry.name))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function readRule(name: string): Rule {
  const source = ['orig.c', 'orig.S']
    .map((file) => join(CORPUS, name, file))
    .find((file) => existsSync(file));
  if (source === undefined) throw new Error(`golden/corpus/${name} has neither orig.c nor orig.S`);
  return parseRule(name, readFileSync(source, 'utf8'));
}

const KEY =
  /^(variants|expect|reports|(?:(?:orig|patched)-)?(?:flags|after|compiler|order))(?:\(([\w* -]+)\))?: *(.*)$/;

/** Reads the first comment of a source. Throws when it is not one of a rule. */
export function parseRule(name: string, text: string): Rule {
  const comment = /^\/\*\n([^]*?)\n \*\/\n/.exec(text)?.[1];
  if (comment === undefined)
    throw new Error(`${name}: the source does not begin with a comment of lines ' * …'`);
  const lines = comment.split('\n').map((line) => line.replace(/^ \* ?/, ''));
  const keys = lines.flatMap((line) => {
    const found = KEY.exec(line);
    return found === null ? [] : [{ key: found[1], globs: words(found[2] ?? '*'), value: found[3] }];
  });
  const sentence = lines
    .filter((line) => !KEY.test(line))
    .join(' ')
    .trim();
  const wordsOf = (wanted: string): string[] =>
    keys.filter(({ key }) => key === wanted).flatMap(({ value }) => words(value));
  const variants = wordsOf('variants');
  const expectations = keys
    .filter(({ key }) => key === 'expect')
    .map(({ globs, value }) => ({ globs, expected: parseExpectation(`${name}: ${value}`, value) }));
  if (sentence === '' || variants.length === 0 || expectations.length === 0)
    throw new Error(`${name}: the first comment lacks its sentence, its variants or what is expected`);
  const refused = name.endsWith('-refused');
  return { name, refused, sentence, variants, reports: wordsOf('reports'), expectations };
}

function words(text: string): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== '');
}

/** Reads `changed f g; new h`, `unchanged`, `refused XS303 setup, XS304 limit; changed f`. `title` is for errors. */
export function parseExpectation(title: string, text: string): Expectation {
  const clauses = new Map(
    text.split(';').map((clause) => {
      const [verb, ...rest] = clause.trim().split(/ +/);
      return [verb, rest.join(' ')] as const;
    }),
  );
  for (const [verb, rest] of clauses) {
    const known = ['unchanged', 'changed', 'new', 'carried', 'removed', 'refused'].includes(verb);
    const bare = verb === 'unchanged' || verb === 'refused';
    if (!known || ((rest === '') !== bare && verb !== 'refused'))
      throw new Error(`${title}: "${verb} ${rest}" is no expectation`);
  }
  if (clauses.has('unchanged') && clauses.size > 1) throw new Error(`${title}: unchanged, and yet not`);
  const refused = clauses.get('refused');
  const names = (verb: string): readonly string[] | undefined => {
    const told = clauses.get(verb);
    return told === undefined ? (refused === undefined ? [] : undefined) : words(told);
  };
  const [changed, added, carried, removed] = ['changed', 'new', 'carried', 'removed'].map(names);
  return {
    errors: refused === undefined ? [] : parseErrors(title, refused),
    ...(changed && { changed }),
    ...(added && { added }),
    ...(carried && { carried }),
    ...(removed && { removed }),
  };
}

function parseErrors(title: string, text: string): ExpectedError[] {
  if (text === '') return [{}];
  return text.split(',').map((part) => {
    const [code, symbol, more] = words(part);
    if (!/^XS\d{3}$/.test(code ?? '') || more !== undefined)
      throw new Error(`${title}: "${part.trim()}" is not a code and a symbol`);
    return { code, ...(symbol !== undefined && { symbol }) };
  });
}

/** What holds for a variant: the last expectation whose globs match. */
export function expectationFor(rule: Rule, variant: string): Expectation {
  const found = rule.expectations.findLast(({ globs }) => globs.some((glob) => matches(glob, variant)));
  if (found === undefined) throw new Error(`${rule.name} expects nothing of ${variant}`);
  return found.expected;
}

export function matches(glob: string, variant: string): boolean {
  return new RegExp(`^${glob.replaceAll('*', '.*')}$`).test(variant);
}

/** In what the findings are not what is expected, one line each. */
export function mismatches(expected: Expectation, found: Findings): string[] {
  const whole = (names: readonly string[]): string[] => names.filter((name) => !COLD.test(name));
  const [changed, added, removed] = [whole(found.changed), whole(found.added), whole(found.removed)];
  return [
    ...nameMismatches('changed', expected.changed, [
      ...changed,
      ...ownersOfCold(found.changed, changed),
      ...ownersOfCold(found.added, [...changed, ...added]),
      ...ownersOfCold(found.removed, [...changed, ...removed]),
    ]),
    ...nameMismatches('new', expected.added, added),
    ...nameMismatches('carried', expected.carried, found.carried),
    ...nameMismatches('removed', expected.removed, removed),
    ...errorMismatches(expected.errors, found.errors),
  ];
}

const COLD = /\.cold(\.\d+)?$/;

/** The functions whose cold parts are among the names and of which nothing else was said. */
function ownersOfCold(names: readonly string[], told: readonly string[]): string[] {
  const owners = names.filter((name) => COLD.test(name)).map((name) => name.replace(COLD, ''));
  return [...new Set(owners)].filter((name) => !told.includes(name));
}

/** Whether a name is the expected one: to the letter, or without the number that the compiler gave it. */
function isSpelt(expected: string, found: string): boolean {
  return expected === found || expected === `=${found}`;
}

function sameName(expected: string, found: string): boolean {
  return isSpelt(expected, found) || expected === found.replace(/(\.\d+)+$/, '');
}

/** Pairs names off, those that are spelt alike first: two of one name are two. */
function nameMismatches(
  verb: string,
  expected: readonly string[] | undefined,
  found: readonly string[],
): string[] {
  if (expected === undefined) return [];
  const [missing, left] = [new Set(expected.keys()), new Set(found.keys())];
  for (const same of [isSpelt, sameName]) {
    for (const wanted of [...missing]) {
      const partner = [...left].find((k) => same(expected[wanted], found[k]));
      if (partner === undefined) continue;
      missing.delete(wanted);
      left.delete(partner);
    }
  }
  return [
    ...[...missing].map((k) => `not ${verb}: ${expected[k]}`),
    ...[...left].map((k) => `${verb}: ${found[k]}`),
  ];
}

function errorMismatches(expected: readonly ExpectedError[], found: Findings['errors']): string[] {
  const meets = (wanted: ExpectedError, error: Findings['errors'][number]): boolean =>
    (wanted.code === undefined || wanted.code === error.code) &&
    (wanted.symbol === undefined || sameName(wanted.symbol, error.symbol));
  const title = ({ code, symbol }: ExpectedError): string => [code, symbol].filter(Boolean).join(' ');
  return [
    ...expected
      .filter((wanted) => !found.some((e) => meets(wanted, e)))
      .map((e) => `not refused: ${title(e)}`),
    ...found
      .filter((error) => !expected.some((wanted) => meets(wanted, error)))
      .map((e) => `refused: ${title(e)}`),
  ];
}
