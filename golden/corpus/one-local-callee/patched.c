#include "corpus.h"

static noinline int reads(int n)
{
    return first(n) + 4;
}

static noinline int writes(int n)
{
    return second(n) + 4;
}

int serve(int n)
{
    return writes(n) * 2;
}

int both(int n)
{
    return reads(n) + writes(n);
}
