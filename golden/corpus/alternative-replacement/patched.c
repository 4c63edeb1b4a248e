#include "corpus.h"

int early(int n)
{
    asm volatile(ALTERNATIVE("", "lfence", 4) : : : "memory");
    return first(n);
}

int serve(int n)
{
    asm volatile(ALTERNATIVE("", "mfence", 4) : : : "memory");
    return second(n);
}

int last(int n)
{
    asm volatile(ALTERNATIVE("clac", "stac", 5) : : : "memory");
    return first(n) + 4;
}
