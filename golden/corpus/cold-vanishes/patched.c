#include "corpus.h"

int parse(int n)
{
    return first(n) + 1;
}

int other(int n)
{
    return second(n);
}
