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
