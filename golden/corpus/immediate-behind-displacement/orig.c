/*
 * Instructions hold an immediate behind the address, of one, two or four bytes, and the variables move in their
 * section: each still means its variable, so only the function that was changed has changed.
 *
 * variants: gcc-O2-one gcc-O3-one-retp clang-O2-one clang-Os-one clang-O3-one-cf-retp
 * flags(gcc*): -fno-toplevel-reorder
 * expect: changed raise; new extra
 */
#include "corpus.h"

static int level = 5;
static short share = 6;
static char mark = 7;

int serve(int n)
{
    if (mark == 3)
        return 1;
    if (share == 0x1234)
        return 2;
    if (level == 0x12345)
        return 3;
    level = 0x54321;
    share = 0x4321;
    mark = 9;
    return first(n);
}

void raise(int n)
{
    level += n;
    share += n;
    mark += n;
}
