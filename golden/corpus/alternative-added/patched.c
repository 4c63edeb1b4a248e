#include "corpus.h"

int serve(int n)
{
    asm volatile(ALTERNATIVE("", "lfence; mfence", 7) : : : "memory");
    return second(n);
}

int last(int n)
{
    asm volatile(ALTERNATIVE("", "lfence", 4) : : : "memory");
    return first(n);
}
