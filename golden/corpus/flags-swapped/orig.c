/*
 * A function tests two things in the other order, and the tests change places too, so that their flags, of one
 * name and size, get each other's number: each is also used by another function, which has not changed.
 *
 * variants: gcc-O2 gcc-Os gcc-O3-one gcc-O2-ldr clang-O2 clang-Os-one
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

void check_less(int n)
{
    refuse_less(first(n));
}

void check_more(int n)
{
    refuse_more(first(n));
}
