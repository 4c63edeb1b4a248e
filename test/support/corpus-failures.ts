/**
 * Rules of golden/corpus that the differ does not meet yet, and what it gets wrong. Their tests must fail, so that a
 * row leaves this list as soon as its rule is met; `make bless` then writes the verdict. Remove the row, never the rule.
 */
export const KNOWN_FAILURES: Readonly<Record<string, string>> = {
  'alternative-call-site': '.alt_call_sites is taken for nameless data: a new entry in it is lost in silence',
  'blank-line-on-stack': 'a line that is passed to printk over the stack counts as a change',
  'build-stamps': 'a string with a date or time in its middle counts as a change',
  'common-symbol-grows-refused': 'a change of the size of a common symbol is lost in silence',
  'common-symbols': 'a common symbol that gets a place in .bss makes --verify-each throw in explain-changes',
  'compound-literal-changed':
    'nameless read-only data in one section is one atom (clang): a change in it spreads to all users',
  'compound-literal-moves':
    'nameless read-only data in one section is one atom: what is added moves the rest, which counts as changed',
  'const-table-through-const-table':
    'clang, one section: the distances in reltable.serve have no relocations, so the table that it leads to has no users: its change is lost in silence',
  'constructor-added-refused':
    '.init_array of clang is taken for data, its function for one that runs: an added constructor is lost in silence',
  'end-of-array': 'an absolute address of the end of an array is taken for the variable behind it',
  'end-of-array-last':
    'an absolute address of the end of a section is no longer found as the end of its last array when something follows',
  'flags-swapped': 'gcc: --verify-each throws in explain-changes (a mark without a difference)',
  'function-becomes-object-refused':
    'a name that changes from function to object is one removed and one new thing, without an error',
  'jump-table-element':
    'the jump tables of one section are one atom: a change in one spreads to the users of all',
  'jump-table-moves':
    'the jump tables of one section are one atom: one that is added moves the rest, which counts as changed',
  'layout-of-unused-type': 'all types of the source file are compared, not those that changed functions use',
  'object-becomes-function-refused':
    'a name that changes from object to function is one removed and one new thing, without an error',
  'static-local-added-before':
    'of two flags of one name, gcc: both are taken for new; clang: paired by number, which swaps their state',
  'static-local-removed':
    'the variable that is left over is taken for new (gcc -Os) or paired by number with the wrong one (clang)',
  'static-locals-swapped':
    'clang: two static variables of one name are paired by number although their values tell them apart',
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
  'zero-size-symbols':
    'a global label at the end of a changed function is taken for an entry into its middle (XS312)',
};
