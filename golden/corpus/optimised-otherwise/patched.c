#include "corpus.h"

static int turns = 4;

int serve(int n)
{
    int k, sum = 0;

    for (k = 0; k < n; k++)
        sum += first(k) * 24 + turns++;
    printk("%d turns\n", turns);
    return sum;
}

void last(void)
{
    asm volatile("hlt");
}
