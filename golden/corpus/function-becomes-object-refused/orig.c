/*
 * A function becomes a pointer of the same name: objects that still call it would jump into data, so this is
 * refused by name.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3 clang-O2 clang-Os-one
 * expect: refused
 */
#include "corpus.h"

int handler(int n)
{
    return first(n);
}

int serve(int n)
{
    return handler(n) + 4;
}
