/*
 * A function with a static variable grows, so that only its first test is inlined: the variable moves from those
 * into which it was inlined to the part, and stays the same.
 *
 * variants: gcc-O2 gcc-O3-cf gcc-O2-g gcc-O2-one-ldr
 * expect: changed settle_all settle_one; new settle.part
 */
#include "corpus.h"

static void settle(int n)
{
    static int turns;

    if (n < 4)
        return;
    turns++;
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
