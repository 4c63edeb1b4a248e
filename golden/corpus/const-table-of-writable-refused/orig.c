/*
 * A constant table changes to which a variable points as well: the running hypervisor's variable goes on pointing
 * to the old one, so carrying it along is not enough, and it is refused by name.
 *
 * variants: gcc-O2 gcc-O3 gcc-O2-nopic clang-O2 clang-Os-one
 * expect: refused XS301 limits
 */
#include "corpus.h"

static const int limits[] = { 1, 2, 3, 4, 6 };
const int *chosen = limits;

int serve(int n)
{
    return first(n) + limits[n];
}

int serve_chosen(int n)
{
    return first(n) + chosen[n];
}
