/*
 * Another function gets a flag of a name that one already has: that flag is state of its own and new, and the
 * function that had one keeps it unchanged.
 *
 * variants: gcc-O2 gcc-O3-one-retp gcc-O2-ldr clang-O2 clang-Os-cf-retp
 * expect(gcc*): changed second_check; new once.0
 * expect(clang*): changed second_check; new second_check.once
 */
#include "corpus.h"

void check(int n)
{
    if (n > 100) {
        static int once;

        if (!once) {
            once = 1;
            printk("%d is too much\n", n);
        }
    }
}

void second_check(int n)
{
    printk("%d is seen\n", n);
}
