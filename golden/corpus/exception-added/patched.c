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

    asm volatile("1: rdmsr\n2:\n" ENTRY : "+a"(value) : "c"(index) : "edx");
    return value;
}
