/*
 * One element changes of an array that a function copies to its stack from a nameless table (.LC0,
 * .L__const.f.array): the function has changed, the one with another array has not. Where clang puts all nameless
 * tables of a file side by side nothing tells where one begins, so there all of its users count as changed.
 *
 * variants: gcc-O2 gcc-O3 gcc-O2-ldr clang-O2 clang-Os-one
 * expect: changed told
 * expect(clang-Os-one): changed told other
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
