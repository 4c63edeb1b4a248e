/*
 * The two sides come from different compilers, as their .comment sections tell: each function that they write in
 * another way has changed, one that they write alike has not.
 *
 * variants: gcc-O2 gcc-Os gcc-O3
 * patched-compiler: clang
 * expect: changed serve
 */
#include "corpus.h"

int serve(int n)
{
    if (n < 0)
        return first(n) * 12;
    return first(n) + second(n) * first(n + 1);
}

void last(void)
{
    asm volatile("hlt");
}
