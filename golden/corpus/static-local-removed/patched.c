#include "corpus.h"

void check(int n)
{
    if (n > 100) {
        static int left = 700;

        if (left > 0 && left--)
            printk("%d is too much\n", n);
    }
}
