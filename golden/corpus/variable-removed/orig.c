/*
 * A variable and its uses go: those who used it have changed, and what stays behind in the running hypervisor does
 * no harm.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3 clang-O2 clang-Os-one
 * expect: changed serve
 */
#include "corpus.h"

static int turns = 4;
static int limit = 5;

int serve(int n)
{
    turns++;
    return first(n) + limit++;
}

int last(int n)
{
    return second(n) + limit++;
}
