/**
 * Rules of golden/corpus that the differ does not meet yet, and what it gets wrong. Their tests must fail, so that a
 * row leaves this list as soon as its rule is met; `make bless` then writes the verdict. Remove the row, never the rule.
 */
export const KNOWN_FAILURES: Readonly<Record<string, string>> = {};
