#include "corpus.h"

static const int limits[] = { 1, 2, 3, 4, 6, 9 };

int serve(int n)
{
    return first(n) + limits[n];
}

int last(int n)
{
    return first(n) + second(n);
}

int serve_too(int n)
{
    return second(n) * limits[n];
}
