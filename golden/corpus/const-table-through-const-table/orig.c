/*
 * A constant table changes that is reached through another constant table: both come along (clang makes a nameless
 * table of distances of the outer one), and the function that reads the outer one has changed.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O2-nopic-retp clang-O2
 * expect(gcc*): changed serve; carried limits reads
 * expect(clang*): changed serve; carried reads
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
