/*
 * A function with a second name (an alias) changes: it is one function, replaced at one place, and callers by
 * either name have not changed.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O2-ldr clang-O2 clang-Os-one
 * expect: changed serve
 */
#include "corpus.h"

noinline int serve(int n)
{
    return first(n) + 4;
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
