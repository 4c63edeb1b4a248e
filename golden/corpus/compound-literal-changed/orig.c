/*
 * One element changes of an array that a function copies to its stack from a nameless table (.LC0,
 * .L__const.f.array): the function has changed, the one with another array has not.
 *
 * variants: gcc-O2 gcc-O3 gcc-O2-ldr clang-O2 clang-Os-one
 * expect: changed told
 */
#include "corpus.h"

void told(void)
{
    int steps[9] = { 2, 7, 1, 8, 2, 8, 1, 8, 2 };

    use(steps);
}

void other(void)
{
    int steps[9] = { 3, 1, 4, 1, 5, 9, 2, 6, 5 };

    use(steps);
}
