/*
 * A function with a static variable comes behind another that has one of that name, and the compiler numbers
 * backwards: the old function keeps its variable under a new number, the new function brings its own.
 *
 * variants: gcc-O2 gcc-O3-one-cf gcc-O2-ldr clang-O2 clang-O3-one
 * expect(gcc*): new extra calls.0
 * expect(clang*): new extra extra.calls
 */
#include "corpus.h"

int served(int n)
{
    static int calls;

    return second(n) + ++calls;
}
