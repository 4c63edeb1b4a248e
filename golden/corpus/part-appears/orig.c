/*
 * A function grows, so that only its first test is inlined and the rest becomes a part: the part is new, and those
 * into which all of it was inlined have changed.
 *
 * variants: gcc-O2 gcc-O3-cf gcc-O2-g gcc-O2-one-retp
 * expect: changed settle_all settle_one; new settle.part
 */
#include "corpus.h"

static void settle(int n)
{
    if (n < 4)
        return;
    lock();
}

void settle_all(const int *n)
{
    settle(n[0]);
    settle(n[1]);
    settle(n[2]);
}

int settle_one(int n)
{
    settle(n);
    return second(n);
}
