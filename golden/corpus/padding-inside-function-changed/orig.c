/*
 * A loop inside a function is aligned by other instructions that do nothing: they are executed, so the function
 * counts as changed, and its neighbour does not.
 *
 * variants: gcc-O2 gcc-O3-one-retp clang-O2 clang-O3-one-retp
 * expect: changed serve
 */
#include "corpus.h"

int serve(int n)
{
    int k;

    for (k = 0; k < n; k++) {
        asm volatile("nopw 0(%rax, %rax)");
        first(k);
    }
    return n;
}

int last(int n)
{
    return second(n);
}
