#include "case.h"
void in_b(int n)
{
    printk("%d\n", n);
}
