/*
 * An array that a function copies to its stack lies in a nameless table (.LC0, .L__const.f.array): another one is
 * added in front of it, and who only got a new number has not changed.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3-g-retp clang-O2 clang-Os-one-retp
 * expect: new extra
 */
#include "corpus.h"

void told(void)
{
    int steps[9] = { 2, 7, 1, 8, 2, 8, 1, 8, 2 };

    use(steps);
}
