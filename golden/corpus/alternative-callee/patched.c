#include "corpus.h"

int early(int n)
{
    asm volatile(ALTERNATIVE("call lock", "call unlock", 4) : : : "memory");
    return first(n);
}

int serve(int n)
{
    asm volatile(ALTERNATIVE("call lock", "call now", 4) : : : "memory");
    return second(n);
}
