/*
 * An array that a function copies to its stack lies in a nameless table (.LC0, .L__const.f.array): another one is
 * added in front of it, and who only got a new number has not changed. Where all nameless tables of a file lie side
 * by side nothing tells where one begins, so there what moves counts as changed.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3-g-retp clang-O2 clang-Os-one-retp
 * expect: new extra
 * expect(gcc-Os-one clang-Os-one-retp): changed told; new extra
 */
#include "corpus.h"

void told(void)
{
    int steps[9] = { 2, 7, 1, 8, 2, 8, 1, 8, 2 };

    use(steps);
}
