/** Words are taken from records only where no shell is needed to find them. */
import { describe, expect, test } from '@jest/globals';
import { splitCommand, unescapeRecord } from '../../../../src/source/replay/command-words.js';

describe('splitCommand', () => {
  test.each([
    ['gcc  -O2 -c x.c', ['gcc', '-O2', '-c', 'x.c']],
    ["gcc '-D__OBJECT_LABEL__=common/x.o' x.c", ['gcc', '-D__OBJECT_LABEL__=common/x.o', 'x.c']],
    ['gcc -DA=\\"b\\" -D"C=d e"', ['gcc', '-DA="b"', '-DC=d e']],
    ["gcc -D'A B'=1", ['gcc', '-DA B=1']],
    ["gcc ''", ['gcc', '']],
  ])('%j', (text, words) => {
    expect(splitCommand(text)).toEqual(words);
  });

  test.each([
    ['another command', 'gcc -c x.c; rm -rf /'],
    ['a list', 'gcc -c x.c && rm x'],
    ['a pipe', 'gcc -c x.c | sh'],
    ['a redirection', 'gcc -c x.c > /etc/passwd'],
    ['a substitution', 'gcc -c $(rm -rf /)'],
    ['an old substitution', 'gcc -c `rm -rf /`'],
    ['a variable', 'gcc $HOME'],
    ['a variable in quotes', 'gcc "$HOME"'],
    ['a pattern', 'gcc *.c'],
    ['a subshell', '(gcc -c x.c)'],
    ['a home', 'gcc ~/x.c'],
    ['a comment', 'gcc # x'],
    ['two lines', 'gcc\nrm'],
    ['a line in quotes', "gcc 'a\nb'"],
    ['an open quote', "gcc 'x"],
    ['braces', 'gcc {a,b}.c'],
    ['background', 'gcc -c x.c & rm x'],
    ['a backslash at the end', 'gcc \\'],
    ['nothing', '   '],
    ['more than any', `gcc ${'x'.repeat(70_000)}`],
  ])('refuses %s', (_what, text) => {
    expect(splitCommand(text)).toBeUndefined();
  });
});

describe('unescapeRecord', () => {
  test('undoes what make does to a command that it writes down', () => {
    expect(unescapeRecord('a $$b \\# c')).toBe('a $b # c');
  });

  test.each(['gcc $(shell rm -rf /)', '$x', 'a $$$x', '$'])(
    'refuses what make would work out: %j',
    (text) => {
      expect(unescapeRecord(text)).toBeUndefined();
    },
  );
});
