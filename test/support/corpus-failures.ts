/**
 * Rules of golden/corpus that the differ does not meet yet, and what it gets wrong. Their tests must fail, so that a
 * row leaves this list as soon as its rule is met; `make bless` then writes the verdict. Remove the row, never the rule.
 */
export const KNOWN_FAILURES: Readonly<Record<string, string>> = {
  'alias-retargeted-refused': 'a global alias that now names another function is lost in silence',
  'alternative-call-site': '.alt_call_sites is taken for nameless data: a new entry in it is lost in silence',
  'blank-line-assertion': 'a line passed to a reporting function with __FILE__ counts as a change',
  'blank-line-on-stack': 'a line passed to printk over the stack counts as a change',
  'blank-line-printk': 'a line passed to printk with __FILE__ counts as a change',
  'build-stamps': 'strings with dates and times of the build count as changes',
  'common-symbol-grows-refused': 'SHN_COMMON symbols are no atoms: a change of their size is lost in silence',
  'common-symbols': 'SHN_COMMON symbols are no atoms: a variable that gets a place in .bss is taken for new',
  'compound-literal-changed':
    'nameless read-only data in one section is one atom: a change in it spreads to all users',
  'compound-literal-moves':
    'nameless read-only data in one section is one atom: what is added moves the rest, which counts as changed',
  'const-function-table-element':
    'a constant table that only functions of the object read is refused, not carried',
  'const-static-local-changed':
    'constants of a function are told by number only: those of clang (f.weights) are refused, not carried',
  'const-static-local-renumbered':
    'constants of a function are told by number only: those of clang (f.weights) are listed as new data',
  'const-string-table-changed':
    'a constant table that only functions of the object read is refused, not carried',
  'const-table-carried': 'a constant table that only functions of the object read is refused, not carried',
  'const-table-grows-carried':
    'a constant table that only functions of the object read is refused, not carried',
  'const-table-through-const-table':
    'a constant table that only constant tables of functions refer to is refused, not carried',
  'constructor-added-refused':
    '.init_array of clang is taken for data, its function for one that runs: an added constructor is lost in silence',
  'end-of-array': 'an absolute address of the end of an array is taken for the variable behind it',
  'end-of-array-last':
    'an absolute address of the end of a section is no longer found as the end of its last array when something follows',
  'function-becomes-object-refused':
    'a name that changes from function to object is one removed and one new thing, without an error',
  'init-line-only': 'a line passed to printk in boot code counts as a change of that code',
  'jump-table-element':
    'the jump tables of one section are one atom: a change in one spreads to the users of all',
  'jump-table-moves':
    'the jump tables of one section are one atom: one that is added moves the rest, which counts as changed',
  'layout-changed-refused': 'layouts of structures are not compared',
  'layout-grows-at-end-refused': 'layouts of structures are not compared',
  'line-and-change': 'a line passed to printk with __FILE__ counts as a change',
  'loaded-note-refused':
    "loaded notes are ignored: a change in one of the hypervisor's own is lost in silence",
  'object-becomes-function-refused':
    'a name that changes from object to function is one removed and one new thing, without an error',
  'static-local-added-before':
    'of two flags of one name, gcc: both are taken for new; clang: paired by number, which swaps their state',
  'static-local-owner-inlined':
    'static variables whose users changed are taken for new, though their values tell them apart',
  'static-local-removed':
    'the variable that is left over is taken for new (gcc) or paired by number with the wrong one (clang)',
  'static-local-to-part':
    'a static variable whose users changed from functions to their part is taken for new',
  'static-locals-swapped':
    'two static variables of one name are paired by number although their values tell them apart',
  'switch-case-added':
    'the jump tables of one section are one atom: what grows moves the rest, which counts as changed',
  'switch-strings-changed':
    'nameless tables of one section are one atom: a change in one spreads to the users of all',
  'switch-value-changed':
    'nameless tables of one section are one atom: a change in one spreads to the users of all',
  'switch-values-renumbered':
    'nameless tables of one section are one atom: one that is added moves the rest, which counts as changed',
  'ubsan-changed': "a sanitizer's tables are taken for variables with initial values",
  'ubsan-lines':
    "a sanitizer's tables are taken for variables with initial values, and the lines in them for values",
};
