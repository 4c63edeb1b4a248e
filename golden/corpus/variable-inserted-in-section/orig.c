/*
 * A variable comes between others in one section, so that those behind it have another addend everywhere: who uses
 * them has not changed.
 *
 * variants: gcc-O2-one gcc-Os-one gcc-O2-nopic-one clang-O2-one clang-Os-one-nopic
 * flags(gcc*): -fno-toplevel-reorder
 * expect: changed raise; new extra
 */
#include "corpus.h"

static int limit = 4;
static int level = 5;
static long last[3] = { 6, 7, 8 };

int serve(int n)
{
    return first(n) + limit + level + last[n];
}

void raise(int n)
{
    limit++;
    level++;
    last[n]++;
}
