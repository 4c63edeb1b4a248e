/*
 * One element changes of a writable table of functions: the running hypervisor keeps the table that it has, so the
 * change would be lost.
 *
 * variants: gcc-O2 gcc-O3-retp gcc-O2-nopic clang-O2 clang-Os-one-retp
 * expect: refused XS301 handlers
 */
#include "corpus.h"

static int reads(int n)
{
    return first(n) + 1;
}

static int writes(int n)
{
    return second(n) + 2;
}

static int (*handlers[])(int) = { reads, writes, reads };

int serve(int n)
{
    handlers[2] = handlers[n];
    return handlers[n](n);
}
