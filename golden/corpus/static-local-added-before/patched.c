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
