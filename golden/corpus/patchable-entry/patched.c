#include "corpus.h"

int other(int n)
{
    return second(n);
}

int serve(int n)
{
    return first(n) + 5;
}

int last(int n)
{
    return first(n) + second(n);
}
