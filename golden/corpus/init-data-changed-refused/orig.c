/*
 * Only boot data changes: it was used and its memory was given back, so the change would be lost and is refused by
 * its name.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O2-ldr clang-O2 clang-Os-one
 * expect: refused XS304 levels
 */
#include "corpus.h"

static int limit;
static int __initdata levels[] = { 1, 2, 3 };

void __init setup(int n)
{
    limit = levels[n]++;
}

int serve(int n)
{
    return first(n) + limit;
}
