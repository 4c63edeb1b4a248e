/*
 * Boot code is added: the boot is over, so it would never run and is refused by name.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3-g clang-O2 clang-Os-one
 * expect: refused XS303 setup
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
