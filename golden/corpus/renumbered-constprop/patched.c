#include "corpus.h"

/* Each caller gives a constant of its own. */
static noinline int scale(int n, int by, int unit)
{
    int result = 0;

    while (n-- > 0)
        result += first(n * by) / unit + second(result % by);
    return result;
}

int kilo(int n)
{
    return scale(n, 1000, 24) + scale(n + 1, 1000, 24);
}

int mebi(int n)
{
    return scale(n, 1024, 60) + scale(n + 1, 1024, 60);
}
