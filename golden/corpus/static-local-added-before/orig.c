/*
 * A flag is added in front of another of that name in one function: the old flag goes on with its message, and
 * only the first is new.
 *
 * variants: gcc-O2 gcc-Os gcc-O2-ldr clang-O2 clang-Os-one
 * expect(gcc*): changed check; new once.1
 * expect(clang*): changed check; new =check.once
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
