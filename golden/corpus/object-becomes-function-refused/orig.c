/*
 * A variable becomes a function of the same name: the variable lives on in the running hypervisor, and who reads
 * it there would not see the function.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3 clang-O2 clang-Os-one
 * expect: refused
 */
#include "corpus.h"

int (*handler)(int n) = first;

int serve(int n)
{
    return handler(n) + 4;
}
