#include "corpus.h"

int served(int n)
{
    static int calls;

    return second(n) + ++calls;
}

int extra(int n)
{
    static int calls;

    return first(n) + ++calls;
}
