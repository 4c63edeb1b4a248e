#include "corpus.h"

static int limit = 5;

int serve(int n)
{
    return first(n) + limit++;
}

int last(int n)
{
    return second(n) + limit++;
}
