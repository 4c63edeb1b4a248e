#include "corpus.h"


int adds(int n)
{
    return first(n) + __LINE__;
}

int passes(int n)
{
    return second(__LINE__) * n;
}

int last(int n)
{
    return first(n) * 4;
}
