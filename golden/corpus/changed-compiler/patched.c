#include "corpus.h"

int serve(int n)
{
    if (n < 0)
        return first(n) * 12;
    return first(n) + second(n) * first(n + 1);
}

void last(void)
{
    asm volatile("hlt");
}
