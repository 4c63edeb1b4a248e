#include "corpus.h"

noinline section(".text.slow") int helper(int n)
{
    return first(n) + 5;
}

int serve(int n)
{
    return helper(n) * 2;
}
