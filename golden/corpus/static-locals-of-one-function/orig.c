/*
 * A function with two flags of one name changes in front of both: the flags are as they were, each with its
 * message, and neither is new.
 *
 * variants: gcc-O2 gcc-Os gcc-O3-one clang-O2 clang-Os-one
 * expect: changed check
 */
#include "corpus.h"

void check(int n)
{
    if (n < 0) {
        static int once;

        if (!once) {
            once = 1;
            printk("%d is less than nothing\n", n);
        }
    }
    if (n > 100) {
        static int once;

        if (!once) {
            once = 1;
            printk("%d is too much\n", n);
        }
    }
}
