#include "corpus.h"

per_cpu int limit;

static inline u64 this_cpu_offset(void)
{
    u64 value;

    asm("mov %%gs:8, %0" : "=r"(value));
    return value;
}

int serve(int n)
{
    return first(n) + *(int *)((char *)&limit + this_cpu_offset());
}
