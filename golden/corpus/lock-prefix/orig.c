/*
 * An increment becomes an atomic one: a prefix is all that is added, and the function has changed.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3-g clang-O2 clang-Os-one
 * expect: changed serve
 */
#include "corpus.h"

int turns;

void serve(void)
{
    asm volatile("incl %0" : "+m"(turns));
}

void last(void)
{
    asm volatile("incl %0" : "+m"(turns));
}
