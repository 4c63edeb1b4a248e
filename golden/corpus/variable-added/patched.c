#include "corpus.h"

static int turns = 4;
static long total[4];
static int limit = 5;

int serve(int n)
{
    total[n] += turns++;
    return first(n) + limit++;
}

int last(int n)
{
    return second(n) + limit++;
}
