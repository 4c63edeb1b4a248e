/*
 * The initial value of a static variable changes: the running hypervisor keeps the value that it has, so the
 * change would be lost.
 *
 * variants: gcc-O2 gcc-Os gcc-O3-one clang-O2 clang-Os
 * expect(gcc*): refused XS301 left
 * expect(clang*): refused XS301 check.left
 */
#include "corpus.h"

int check(int n)
{
    static int left = 3;

    if (left > 0 && left--)
        printk("%d is seen\n", n);
    return first(n);
}
