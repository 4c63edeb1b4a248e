/* A second name of one function becomes a name of another: callers linked against it stay with the first. */
#include "case.h"

int plain(int n)
{
    return n + 1;
}

int careful(int n)
{
    return n > 7 ? 7 : n + 1;
}

extern int step(int n) __attribute__((alias("plain")));
