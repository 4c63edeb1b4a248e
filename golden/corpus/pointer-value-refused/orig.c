/*
 * The initial value of a pointer changes, from one function to another: only a relocation tells, and it would be
 * lost.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O2-nopic-retp clang-O2 clang-Os-one-retp
 * expect: refused XS301 handler
 */
#include "corpus.h"

int (*handler)(int n) = first;

int serve(int n)
{
    return handler(n);
}
