/*
 * Only the kind of a bug frame changes, a warning becomes a crash: the code is the same, the frame stands in
 * another table (.bug_frames.1, .2), and the function has changed.
 *
 * variants: gcc-O2 gcc-O3-retp gcc-O2-cf-ldr clang-O2 clang-Os-one-retp
 * expect: changed serve
 */
#include "corpus.h"

int early(int n)
{
    if (n < 0)
        BUG_FRAME(1, __LINE__, __FILE__, "");
    return first(n);
}

int serve(int n)
{
    if (n < 0)
        BUG_FRAME(1, __LINE__, __FILE__, "");
    return second(n);
}
