/*
 * A fix is partly in boot code and partly in code that runs: half of it would be lost, so it is refused for the
 * boot code, and the other function is told as changed.
 *
 * variants: gcc-O2 gcc-O3 gcc-O2-ldr clang-O2 clang-Os-one
 * expect: refused XS303 setup; changed serve
 */
#include "corpus.h"

static int limit;

void __init setup(int n)
{
    limit = n;
}

int serve(int n)
{
    return first(n) + limit;
}

int last(int n)
{
    return second(n) + limit;
}
