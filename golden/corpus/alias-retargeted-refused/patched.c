#include "corpus.h"

noinline int serve(int n)
{
    return first(n) + 4;
}

noinline int serve_well(int n)
{
    return second(n) + 5;
}

extern int serve_compat(int n) __attribute__((alias("serve_well")));
