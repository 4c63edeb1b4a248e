#include "corpus.h"

int extra(int n)
{
    return second(n) + first(n) * 3;
}

noinline int down(int n)
{
    return n > first(n) ? down(n - 2) * 3 + 1 : 7;
}

int pong(int n);

noinline int ping(int n)
{
    return n > first(n) ? pong(n - 1) * 5 : 1;
}

noinline int pong(int n)
{
    return n > second(n) ? ping(n - 3) * 7 : 2;
}
