#include "corpus.h"

noinline int serve(int n)
{
    return first(n) + 5;
}

extern int serve_compat(int n) __attribute__((alias("serve")));

int caller(int n)
{
    return serve(n) * 2;
}

int compat_caller(int n)
{
    return serve_compat(n) * 3;
}
