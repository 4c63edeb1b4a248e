/*
 * The owner of a static variable was a function of its own and is now inlined into another one, which has a
 * variable of that name too: both keep theirs.
 *
 * variants: gcc-O2 gcc-O3-one gcc-O2-ldr clang-O2 clang-Os-cf
 * expect: changed serve; removed account
 */
#include "corpus.h"

static noinline int account(int n)
{
    static int calls = 10;

    calls += n;
    return calls;
}

int serve(int n)
{
    static int calls = 20;

    return account(first(n)) + ++calls;
}
