/*
 * Functions are aligned to 32 bytes instead of 16, so that another padding stands between them in their section:
 * nothing has changed.
 *
 * variants: gcc-O2-one gcc-O2-one-cf gcc-O2-one-ldr clang-O2-one clang-O3-one-cf
 * orig-flags: -falign-functions=16
 * patched-flags: -falign-functions=32
 * expect: unchanged
 */
#include "corpus.h"

noinline int early(int n)
{
    return first(n) + 4;
}

noinline int serve(int n)
{
    return early(n) + second(n);
}

int last(int n)
{
    return serve(n) * early(n);
}
