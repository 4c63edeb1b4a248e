/*
 * Boot code is removed: it has done in the running hypervisor what it did, so its removal would be lost and is
 * refused by name.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3-retp clang-O2 clang-Os-one-retp
 * expect: refused XS303 setup
 */
#include "corpus.h"

static int limit;

void __init setup(int n)
{
    limit = first(n);
}

void set_limit(int n)
{
    limit = n;
}

int serve(int n)
{
    return first(n) + limit;
}
