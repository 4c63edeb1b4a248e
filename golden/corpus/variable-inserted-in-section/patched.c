#include "corpus.h"

static int limit = 4;
static int extra[5] = { 1, 2, 3, 4, 5 };
static int level = 5;
static long last[3] = { 6, 7, 8 };

int serve(int n)
{
    return first(n) + limit + level + last[n];
}

void raise(int n)
{
    limit += extra[n]++;
    level++;
    last[n]++;
}
