#include "case.h"
int changed(int n)
{
    printk("another source %d\n", n);
    return n * 4;
}
