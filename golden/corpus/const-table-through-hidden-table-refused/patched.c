#include "corpus.h"

static const int reads[] = { 1, 2, 3, 5, 6 };
static const int writes[] = { 1, 2, 3, 4, 7 };
static const int *const limits[] = { reads, writes };

int serve(int n, int kind)
{
    return first(n) + limits[kind][n];
}

int last(int n)
{
    return first(n) + writes[n];
}
