/*
 * A function that calls itself, and two that call each other, move in their section: they do what they did.
 *
 * variants: gcc-O2-one gcc-Os-one gcc-O3-one-g clang-O2-one clang-Os-one
 * flags(gcc*): -fno-toplevel-reorder
 * expect: new extra
 */
#include "corpus.h"

noinline int down(int n)
{
    return n > first(n) ? down(n - 2) * 3 + 1 : 7;
}

int pong(int n);

noinline int ping(int n)
{
    return n > first(n) ? pong(n - 1) * 5 : 1;
}

noinline int pong(int n)
{
    return n > second(n) ? ping(n - 3) * 7 : 2;
}
