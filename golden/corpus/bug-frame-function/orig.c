/*
 * Only the function changes that a frame asks to be run (.bug_frames.0): the function with the frame has changed.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3 clang-O2 clang-Os-one
 * expect: changed serve
 */
#include "corpus.h"

int early(int n)
{
    RUN_FN(first);
    return n + 1;
}

int serve(int n)
{
    RUN_FN(first);
    return n;
}
