/*
 * A constant table changes that is reached through another constant table, of which clang makes a nameless table of
 * distances inside one section: these have no relocations, so nobody sees who reads the table, and it is refused.
 *
 * variants: clang-O2-one clang-Os-one-retp
 * expect: refused XS301 reads
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
