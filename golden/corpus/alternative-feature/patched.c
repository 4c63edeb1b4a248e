#include "corpus.h"

int early(int n)
{
    asm volatile(ALTERNATIVE("", "lfence", 4) : : : "memory");
    return first(n);
}

int serve(int n)
{
    asm volatile(ALTERNATIVE("", "lfence", 5) : : : "memory");
    return second(n);
}
