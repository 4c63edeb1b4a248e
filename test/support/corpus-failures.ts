/**
 * Rules of golden/corpus that the differ does not meet yet, and what it gets wrong. Their tests must fail, so that a
 * row leaves this list as soon as its rule is met; `make bless` then writes the verdict. Remove the row, never the rule.
 */
export const KNOWN_FAILURES: Readonly<Record<string, string>> = {
  'common-symbols': 'a common symbol that gets a place in .bss is refused',
  'compound-literal-changed':
    'nameless read-only data in one section is one atom (clang): a change in it spreads to all users',
  'compound-literal-moves':
    'nameless read-only data in one section is one atom: what is added moves the rest, which counts as changed',
  'const-table-through-const-table':
    'clang, one section: the distances in reltable.serve have no relocations, so the users of the table are not seen: refused',
  'end-of-array': 'an absolute address of the end of an array is taken for the variable behind it',
  'end-of-array-last':
    'an absolute address of the end of a section is no longer found as the end of its last array when something follows',
  'jump-table-element':
    'the jump tables of one section are one atom: a change in one spreads to the users of all',
  'jump-table-moves':
    'the jump tables of one section are one atom: one that is added moves the rest, which counts as changed',
  'layout-of-unused-type': 'all types of the source file are compared, not those that changed functions use',
  'switch-case-added':
    'the jump tables of one section are one atom: what grows moves the rest, which counts as changed',
  'switch-strings-changed':
    'clang, one section: nameless tables are one atom, a change in one spreads to the users of all',
  'switch-value-changed':
    'clang, one section: nameless tables are one atom, a change in one spreads to the users of all',
  'switch-values-renumbered':
    'clang, one section: nameless tables are one atom, what is added moves the rest, which counts as changed',
  'ubsan-changed': "one section: a sanitizer's tables are taken for a variable with an initial value",
  'ubsan-lines':
    "one section: a sanitizer's tables are taken for a variable with an initial value, and the lines in them for values",
};
