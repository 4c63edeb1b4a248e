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
    static int once;

    if (once)
        return;
    once = 1;
    printk("%d is seen\n", n);
}
