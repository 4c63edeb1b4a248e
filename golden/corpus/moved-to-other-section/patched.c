#include "corpus.h"

noinline section(".text.slow") int helper(int n)
{
    return first(n) + 4;
}

int serve(int n)
{
    return helper(n) * 2;
}
