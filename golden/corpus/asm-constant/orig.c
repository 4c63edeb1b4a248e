/*
 * A constant that a statement in assembly gets changes: the function has changed.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3 clang-O2 clang-Os-one
 * expect: changed serve
 */
#include "corpus.h"

void serve(int n)
{
    asm volatile("movl %0, %%ecx\n\twrmsr" : : "i"(0x48), "a"(n), "d"(0) : "ecx");
}

void last(int n)
{
    asm volatile("movl %0, %%ecx\n\twrmsr" : : "i"(0x48), "a"(n), "d"(0) : "ecx");
}
