/*
 * An instruction gets an entry in the exception table, the code is the same: without it a fault ends the
 * hypervisor, so the function has changed.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3 clang-O2 clang-Os-one
 * expect: changed serve
 */
#include "corpus.h"

#define ENTRY ".pushsection .ex_table,\"a\",@progbits\n.p2align 2\n.long 1b - ., 2b - .\n.popsection"

u64 early(unsigned int index)
{
    u64 value = 0;

    asm volatile("1: rdmsr\n2:\n" ENTRY : "+a"(value) : "c"(index) : "edx");
    return value + 1;
}

u64 serve(unsigned int index)
{
    u64 value = 0;

    asm volatile("1: rdmsr\n2:\n" : "+a"(value) : "c"(index) : "edx");
    return value;
}
