/*
 * One element changes of a constant table of functions which only functions of the object read: those have
 * changed, because the new table comes along with them.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O2-nopic clang-O2 clang-O2-retp
 * expect: changed serve
 */
#include "corpus.h"

static int reads(int n)
{
    return first(n) + 1;
}

static int writes(int n)
{
    return second(n) + 2;
}

static int closes(int n)
{
    return first(n) * second(n);
}

static int (*const handlers[])(int) = { reads, writes, closes, reads };

int serve(int n)
{
    return handlers[n](n);
}

int last(int n)
{
    return closes(n) + writes(n) + reads(n);
}
