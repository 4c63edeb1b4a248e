#include "corpus.h"

int serve(int n)
{
    return second(n);
}

int last(int n)
{
    return first(n);
}
