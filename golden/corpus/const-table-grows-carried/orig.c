/*
 * A constant table gets one more element, and only functions of the object read it: it comes along as new data,
 * and each function that reads it has changed.
 *
 * variants: gcc-O2 gcc-O2-nopic gcc-O2-ldr clang-O2 clang-Os-one
 * expect: changed serve serve_too
 */
#include "corpus.h"

static const int limits[] = { 1, 2, 3, 4, 6 };

int serve(int n)
{
    return first(n) + limits[n];
}

int last(int n)
{
    return first(n) + second(n);
}

int serve_too(int n)
{
    return second(n) * limits[n];
}
