/*
 * A buffer on the stack grows, which changes nothing but the size of the frame: the function has changed, because
 * the larger buffer was the fix.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3-cf clang-O2 clang-Os-one
 * expect: changed serve
 */
#include "corpus.h"

extern void fill(char *buffer);

void serve(void)
{
    char buffer[64];

    fill(buffer);
}

void last(void)
{
    char buffer[64];

    fill(buffer);
    fill(buffer + 1);
}
