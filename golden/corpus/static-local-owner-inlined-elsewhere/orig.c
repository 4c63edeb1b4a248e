/*
 * A static variable's owner, inlined into one function, is now inlined into a second one as well: the variable is
 * still one, and no new one comes.
 *
 * variants: gcc-O2 gcc-Os gcc-O2-ldr clang-O2 clang-Os
 * expect: changed second_server
 */
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
    return second(n);
}
