#include "corpus.h"

static inline __attribute__((always_inline)) void refuse_more(int n)
{
    static int once;

    if (!once) {
        once = 1;
        printk("%d is too much\n", n);
    }
}

static inline __attribute__((always_inline)) void refuse_less(int n)
{
    static int once;

    if (!once) {
        once = 1;
        printk("%d is less than nothing\n", n);
    }
}

void check(int n)
{
    refuse_more(n);
    refuse_less(n);
}

void check_less(int n)
{
    refuse_less(first(n));
}

void check_more(int n)
{
    refuse_more(first(n));
}
