/*
 * A blank line at the top moves the lines of all bug frames, which hold them above their displacements: they are
 * only reported, so nothing has changed.
 *
 * variants: gcc-O2 gcc-O3-cf-retp gcc-O2-nopic clang-O2 clang-Os-one-retp
 * expect: unchanged
 */
#include "corpus.h"

static int helper(int n)
{
    BUG_FRAME(0, 0, first, "");
    return n;
}

int serve(int n)
{
    if (n < 0)
        BUG();
    if (n > 100)
        WARN();
    ASSERT(n != 7);
    return helper(n);
}

void last(int n)
{
    ASSERT(n > 3);
    ASSERT(n < 9);
    use(&n);
}
