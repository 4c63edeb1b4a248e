/**
 * Lint with types. What can be said with a type or a name is said there; these rules are for mistakes that compile:
 * a promise that nobody awaits, a case that a switch forgot, a condition that is always true. Layout is prettier's,
 * and the rules of our own house (walls, passes, codes, wording) are tests: `make tidy`.
 */
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'golden/', 'docs/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // `typeof import('elfy')` is how a package is typed that is loaded with require().
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      // A `default` may stand for the rest of a union, where the rest is meant.
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: true },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // Arrays are indexed without `undefined` in the type, so a check for it is never unnecessary.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/no-unnecessary-boolean-literal-compare': 'off',
      // Matters of taste, decided where they stand.
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/prefer-includes': 'off',
      '@typescript-eslint/prefer-optional-chain': 'off',
      // `string | 'none'` tells the reader of a value that is not like the others.
      '@typescript-eslint/no-redundant-type-constituents': 'off',
      // The reader of ELF files unwinds with a value that holds a diagnostic: it is no bug, and needs no stack.
      '@typescript-eslint/only-throw-error': ['error', { allow: [{ from: 'file', name: 'Refusal' }] }],
      // process.env['NAME'] and parsed JSON: the brackets say that nobody has declared the name.
      '@typescript-eslint/dot-notation': ['error', { allowIndexSignaturePropertyAccess: true }],
    },
  },
);
