#include "corpus.h"

static inline __attribute__((always_inline)) void refuse_less(int n)
{
    static int once;

    if (!once) {
        once = 1;
        printk("%d is less than nothing\n", n);
    }
}

static inline __attribute__((always_inline)) void refuse_more(int n)
{
    static int once;

    if (!once) {
        once = 1;
        printk("%d is too much\n", n);
    }
}

void check(int n)
{
    refuse_more(n);
}

void second_check(int n)
{
    refuse_more(first(n));
}
