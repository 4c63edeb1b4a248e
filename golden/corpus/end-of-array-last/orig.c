/*
 * The end of an array is the end of its section as well, and then another variable comes behind it: the end is
 * still that of the array. An absolute address of a section does not tell whether it means the end of the array or the
 * variable that begins there now: its user counts as changed.
 *
 * variants: gcc-O2-one gcc-Os-one gcc-O2-nopic-one clang-O2-one clang-Os-one-nopic
 * flags(gcc*): -fno-toplevel-reorder
 * expect: changed raise; new extra
 * expect(gcc-O2-nopic-one): changed raise serve; new extra
 */
#include "corpus.h"

static int table[40] = { 1, 2, 3 };

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
    table[n]++;
}
