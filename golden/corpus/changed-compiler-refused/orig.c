/*
 * The two sides come from different compilers, as their .comment sections tell: whatever differs in them says
 * nothing about the source, so they are refused once, not function by function.
 *
 * variants: gcc-O2 gcc-Os gcc-O3
 * patched-compiler: clang
 * expect: refused XS210
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
