#include "corpus.h"

int early(int n)
{
    return first(n) + second(n);
}

int serve(int n)
{
    return second(n) + 4;
}
