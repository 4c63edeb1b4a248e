/*
 * Only the text of an assertion changes, in the second half of its frame: the code is the same, it reports
 * something else, and the function has changed.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O2-cf-ldr clang-O2 clang-Os-one
 * expect: changed serve
 */
#include "corpus.h"

int early(int n)
{
    ASSERT(n < 4);
    return first(n);
}

int serve(int n)
{
    ASSERT(n < 4);
    return second(n);
}
