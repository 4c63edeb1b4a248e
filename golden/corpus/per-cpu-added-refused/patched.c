#include "corpus.h"

per_cpu int per_cpu__limit;
per_cpu int per_cpu__turns;

static inline u64 this_cpu_offset(void)
{
    u64 value;

    asm("mov %%gs:8, %0" : "=r"(value));
    return value;
}

#define this_cpu(variable) (*(int *)((char *)&per_cpu__##variable + this_cpu_offset()))

int serve(int n)
{
    this_cpu(turns)++;
    return first(n) + this_cpu(limit);
}
