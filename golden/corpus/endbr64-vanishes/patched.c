#include "corpus.h"

__attribute__((nocf_check)) int serve(int n)
{
    return first(n) + 4;
}

int last(int n)
{
    return first(n) + 5;
}
