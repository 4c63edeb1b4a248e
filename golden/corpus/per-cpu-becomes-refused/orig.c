/*
 * An ordinary variable becomes a per-CPU one: the running hypervisor has no room for it in its per-CPU areas, so
 * it is refused by name.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3 clang-O2 clang-Os-one
 * expect: refused XS306 limit
 */
#include "corpus.h"

int limit;

static inline u64 this_cpu_offset(void)
{
    u64 value;

    asm("mov %%gs:8, %0" : "=r"(value));
    return value;
}

int serve(int n)
{
    return first(n) + limit;
}
