/*
 * The compiler numbers a clone anew (sum.isra.0 becomes sum.isra.4): the number says nothing, so neither the clone
 * nor its caller has changed.
 *
 * variants: gcc-O2 gcc-O3-cf gcc-Os gcc-O2-one-retp gcc-O2-ldr
 * patched-after: objcopy --redefine-sym sum.isra.0=sum.isra.4 @
 * expect: unchanged
 */
#include "corpus.h"

struct range { int from, to; };

/* Only one field is read: the compiler passes that instead of the pointer. */
static noinline int sum(const struct range *range, int n)
{
    return first(range->to) + n;
}

int total(const struct range *range)
{
    return sum(range, 1) + sum(range + 1, 2);
}
