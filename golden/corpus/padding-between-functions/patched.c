#include "corpus.h"

noinline int early(int n)
{
    return first(n) + 4;
}

noinline int serve(int n)
{
    return early(n) + second(n);
}

int last(int n)
{
    return serve(n) * early(n);
}
