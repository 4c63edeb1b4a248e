/*
 * A per-CPU variable is added: in a payload it would be ordinary memory, addressed as if it were per-CPU, so it is
 * refused by name.
 *
 * variants: gcc-O2 gcc-O3-retp gcc-O2-ldr clang-O2 clang-Os-one-retp
 * expect: refused XS306 per_cpu__turns; changed serve
 */
#include "corpus.h"

per_cpu int per_cpu__limit;

static inline u64 this_cpu_offset(void)
{
    u64 value;

    asm("mov %%gs:8, %0" : "=r"(value));
    return value;
}

#define this_cpu(variable) (*(int *)((char *)&per_cpu__##variable + this_cpu_offset()))

int serve(int n)
{
    return first(n) + this_cpu(limit);
}
