#include "case.h"
static int counter;
int changed(int n)
{
    counter += n;
    printk("%d\n", counter);
    return 1;
}
