/*
 * A check is added whose failure is improbable, and the compiler puts that into a cold part which was not there
 * before: the function has changed.
 *
 * variants: gcc-O2 gcc-O3-cf gcc-O2-ldr clang-O2 clang-O2-cf
 * flags(clang*): -mllvm -hot-cold-split -mllvm -hotcoldsplit-threshold=-10
 * expect: changed parse
 */
#include "corpus.h"

int parse(int n)
{
    return first(n) + 1;
}

int other(int n)
{
    return second(n);
}
