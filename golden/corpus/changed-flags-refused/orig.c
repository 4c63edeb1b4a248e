/*
 * The two sides were compiled with other options, as their debug sections tell: whatever differs in them says nothing
 * about the source, so they are refused once, not function by function. Clang does not note its options there.
 *
 * variants: gcc-O2-g gcc-O2-g-one gcc-O2-g-cf
 * patched-flags: -Os
 * expect: refused XS211
 */
#include "corpus.h"

int serve(const int *values, int count)
{
    int total = 0;

    for (int k = 0; k < count; k++)
        total += values[k] / 10 + first(k);
    return total;
}
