/*
 * A global name becomes an alias of another function: callers in other objects are bound to the address of the old
 * one, where the first name lives on, so the change would be lost.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3 clang-O2 clang-Os-one
 * expect: refused
 */
#include "corpus.h"

noinline int serve(int n)
{
    return first(n) + 4;
}

noinline int serve_well(int n)
{
    return second(n) + 5;
}

extern int serve_compat(int n) __attribute__((alias("serve")));
