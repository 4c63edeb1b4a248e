/*
 * A loop runs to the end of an array, which is where the next variable of the section begins: a variable comes
 * between them, and the end is still that of the array. An absolute address of a section does not tell whether it means
 * the end of the array or the variable behind it: when that is another one now, its user counts as changed, because a
 * patch that replaces the one variable by the other gives the same object.
 *
 * variants: gcc-O2-one gcc-O3-one-g gcc-O2-nopic-one clang-O2-one clang-Os-one-nopic
 * flags(gcc*): -fno-toplevel-reorder
 * expect: changed raise; new extra
 * expect(gcc-O2-nopic-one): changed raise serve; new extra
 */
#include "corpus.h"

static int table[40] = { 1, 2, 3 };
static int next[40] = { 8, 9, 10 };

int serve(int n)
{
    int *entry;

    for (entry = table; entry < table + 40; entry++)
        n += first(*entry);
    use(table + 40);
    return n;
}

void raise(int n)
{
    next[n]++;
    table[n]++;
}
