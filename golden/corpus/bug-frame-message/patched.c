#include "corpus.h"

int early(int n)
{
    ASSERT(n < 4);
    return first(n);
}

int serve(int n)
{
    ASSERT(4 > n);
    return second(n);
}
