#include "corpus.h"

static inline __attribute__((always_inline)) int account(int n)
{
    static int calls;

    return calls += n;
}

int serve(int n)
{
    return account(first(n));
}

int second_server(int n)
{
    return account(second(n));
}
