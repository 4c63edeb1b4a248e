/*
 * A constant table changes that is reached through another constant table: both come along, and the function that
 * reads the outer one has changed.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O2-nopic-retp clang-O2 clang-Os-one-retp
 * expect: changed serve
 */
#include "corpus.h"

static const int reads[] = { 1, 2, 3, 4, 6 };
static const int writes[] = { 1, 2, 3, 4, 7 };
static const int *const limits[] = { reads, writes };

int serve(int n, int kind)
{
    return first(n) + limits[kind][n];
}

int last(int n)
{
    return first(n) + writes[n];
}
