#include "corpus.h"

int early(int n)
{
    return first(n) + second(n);
}

int serve(int n)
{
    int m = first(n);

    return m | second(n);
}

int last(int n)
{
    return first(n) * second(n);
}
