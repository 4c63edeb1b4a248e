#include "corpus.h"

int serve(int n)
{
    static const int weights[] = { 3, 1, 4, 1, 5, 8 };

    return first(n) + weights[n];
}

int last(int n)
{
    static const int weights[] = { 2, 7, 1, 8, 2, 8 };

    return second(n) + weights[n];
}
