#include "corpus.h"

void serve(int n)
{
    asm volatile("movl %0, %%ecx\n\twrmsr" : : "i"(0x49), "a"(n), "d"(0) : "ecx");
}

void last(int n)
{
    asm volatile("movl %0, %%ecx\n\twrmsr" : : "i"(0x48), "a"(n), "d"(0) : "ecx");
}
