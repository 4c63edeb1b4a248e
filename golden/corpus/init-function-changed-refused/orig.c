/*
 * Only boot code changes: it ran and its memory was given back, so the change would be lost and is refused by the
 * function's name.
 *
 * variants: gcc-O2 gcc-O3-g gcc-O2-ldr clang-O2 clang-Os-one
 * expect: refused XS303 setup
 */
#include "corpus.h"

static int limit;

void __init setup(int n)
{
    limit = first(n);
}

int serve(int n)
{
    return first(n) + limit;
}
