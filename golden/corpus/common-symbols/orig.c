/*
 * A variable without an initial value is a common symbol on one side (-fcommon) and has its place in .bss on the
 * other: it is the same variable, and nothing has changed.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3-retp clang-O2 clang-Os-one-retp
 * orig-flags: -fcommon
 * expect: unchanged
 */
#include "corpus.h"

int turns;
long table[8];

int serve(int n)
{
    turns++;
    return first(n) + table[n];
}
