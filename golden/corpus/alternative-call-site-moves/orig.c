/*
 * A function in front of another gets an entry in the table of calls that are made direct at boot
 * (.alt_call_sites), which moves the entry of the other: that has not changed.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3 clang-O2 clang-Os-one
 * expect: changed early
 */
#include "corpus.h"

#define SITE ".pushsection .alt_call_sites,\"a\",@progbits\n.long 1b - .\n.popsection"

extern void (*handler)(void);

int early(int n)
{
    return first(n);
}

int serve(int n)
{
    asm volatile("1: call *%0\n" SITE : : "m"(handler) : "memory");
    return second(n);
}
