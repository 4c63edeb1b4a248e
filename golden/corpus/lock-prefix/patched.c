#include "corpus.h"

int turns;

void serve(void)
{
    asm volatile("lock; incl %0" : "+m"(turns));
}

void last(void)
{
    asm volatile("incl %0" : "+m"(turns));
}
