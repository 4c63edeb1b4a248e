/*
 * Two static variables stand side by side in one section, and a function starts to use the other one: only the
 * addend tells, and the function has changed.
 *
 * variants: gcc-O2-one gcc-O3-one gcc-O2-nopic-one clang-O2-one clang-Os-one-nopic
 * flags(gcc*): -fno-toplevel-reorder
 * expect: changed serve
 */
#include "corpus.h"

static int limit = 4;
static int level = 5;

int serve(int n)
{
    return first(n) + limit;
}

void raise(void)
{
    limit++;
    level++;
}
