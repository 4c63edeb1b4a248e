/*
 * A file joins a combined object, in front, with locals named like those of another: what it brings is new, and
 * the others have not changed.
 *
 * variants: gcc-O2 gcc-Os gcc-O3-one clang-O2 clang-Os-cf
 * orig-order: orig
 * patched-order: both-b patched
 * expect: new seen helper serve_too
 */
#include "corpus.h"

static int seen = 4;

static noinline int helper(int n)
{
    return first(n) + seen++;
}

int serve(int n)
{
    return helper(n) * 2;
}
