#include "corpus.h"

static noinline int scale(int n, int by)
{
    int result = 0;

    while (n-- > 0)
        result += first(n * by);
    return result;
}

int total(int n)
{
    return scale(n, 1000) + scale(n + 1, n);
}
