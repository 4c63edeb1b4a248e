/*
 * A function loses its place among the boot code, because it is now called later: the running hypervisor has it no
 * more, so it is new, and its callers that run have changed.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3 clang-O2 clang-Os-one
 * expect: changed serve; new configure
 */
#include "corpus.h"

static int limit;

static noinline void __init configure(int n)
{
    limit = first(n);
}

void __init setup(int n)
{
    configure(n);
    limit++;
}

int serve(int n)
{
    return first(n) + limit;
}
