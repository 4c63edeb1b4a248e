#include "corpus.h"

void check(int n)
{
    if (n > 100) {
        static int left = 700;

        if (left > 0 && left--)
            printk("%d is too much\n", n);
    }
    if (n < 0) {
        static int left = 3;

        if (left > 0 && left--)
            printk("%d is less than nothing\n", n);
    }
}
