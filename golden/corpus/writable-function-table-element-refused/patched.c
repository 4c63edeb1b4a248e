#include "corpus.h"

static int reads(int n)
{
    return first(n) + 1;
}

static int writes(int n)
{
    return second(n) + 2;
}

static int (*handlers[])(int) = { reads, writes, writes };

int serve(int n)
{
    handlers[2] = handlers[n];
    return handlers[n](n);
}
