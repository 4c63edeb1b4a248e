#include "corpus.h"

int serve(int n)
{
    asm volatile("clac" : : : "memory");
    return second(n);
}

int last(int n)
{
    asm volatile(ALTERNATIVE("clac", "stac", 5) : : : "memory");
    return first(n);
}
