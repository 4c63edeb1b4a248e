/*
 * One of two flags of one name and size is used by one function less, and so it goes: the other, which a second
 * function uses as well, is the one it was, so that function has not changed.
 *
 * variants: gcc-O2 gcc-Os gcc-O3-one clang-O2 clang-Os-one
 * expect: changed check
 */
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
    refuse_less(n);
    refuse_more(n);
}

void second_check(int n)
{
    refuse_more(first(n));
}
