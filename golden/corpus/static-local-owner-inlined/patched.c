#include "corpus.h"

static inline __attribute__((always_inline)) int account(int n)
{
    static int calls = 10;

    calls += n;
    return calls;
}

int serve(int n)
{
    static int calls = 20;

    return account(first(n)) + ++calls;
}
