#include "corpus.h"

int serve(int n)
{
    if (n <= 100)
        return first(n);
    return second(n);
}

int last(int n)
{
    return n < 100 ? second(n) : first(n);
}
