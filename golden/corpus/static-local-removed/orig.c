/*
 * The first of two static variables of one name goes, so the second gets its number: the initial value tells that
 * it is the second, and no value has changed.
 *
 * variants: gcc-O2 gcc-Os gcc-O2-ldr clang-O2 clang-Os-one
 * expect: changed check
 */
#include "corpus.h"

void check(int n)
{
    if (n < 0) {
        static int left = 3;

        if (left > 0 && left--)
            printk("%d is less than nothing\n", n);
    }
    if (n > 100) {
        static int left = 700;

        if (left > 0 && left--)
            printk("%d is too much\n", n);
    }
}
