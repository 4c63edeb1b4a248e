/*
 * A function joins the boot code, because nobody calls it later any more, and is the same otherwise: the running
 * hypervisor goes on having it, so nothing has changed.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3-g clang-O2 clang-Os-one
 * expect: unchanged
 */
#include "corpus.h"

static int limit;

void configure(int n);
void configure(int n)
{
    limit = first(n);
}

int serve(int n)
{
    return first(n) + limit;
}
