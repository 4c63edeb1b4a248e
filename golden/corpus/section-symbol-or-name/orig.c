/*
 * A static variable is addressed through the symbol of its section on one side and by its own name on the other:
 * both mean the variable, so nothing has changed.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3 clang-O2 clang-Os-one
 * patched-after: objcopy --localize-symbol=limit --localize-symbol=table --localize-symbol=helper @
 * expect: unchanged
 */
#include "corpus.h"

static int limit = 4;
static long table[8] = { 1, 2, 3 };

static noinline long helper(int n)
{
    return first(n) + limit++;
}

long (*chosen)(int n) = helper;

long serve(int n)
{
    table[3] = 5;
    use(&table[2]);
    return helper(n) + table[n]++;
}
