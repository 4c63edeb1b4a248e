/*
 * A function is called at boot from a table that the compiler makes (.init_array, .ctors): nobody will call it any
 * more, so this is refused.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3 clang-O2 clang-Os-one
 * expect: refused
 */
#include "corpus.h"

static int limit;

void set_limit(int n)
{
    limit = n;
}

int serve(int n)
{
    return first(n) + limit;
}
