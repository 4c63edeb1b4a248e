/*
 * A variable of .bss gets an initial value and moves to .data: the running hypervisor keeps the value that it has,
 * so the change would be lost.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O2-ldr-retp clang-O2 clang-Os-one-retp
 * expect: refused XS301 limit
 */
#include "corpus.h"

int limit;

int serve(int n)
{
    return first(n) + limit;
}
