#include "case.h"
int changed(int n)
{
    printk("%d\n", n);
    return 2;
}
