#include "corpus.h"

noinline int override(int n)
{
    return first(n) + 4;
}

__attribute__((weak)) int settled(int n)
{
    return second(n) + 5;
}

int serve(int n)
{
    return override(n) * first(n);
}
