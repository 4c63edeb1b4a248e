#include "case.h"
extern int new_in_a;
void new_in_b(int n)
{
    printk("new %d\n", n);
}
void in_b(int n)
{
    printk("%d\n", n + new_in_a);
}
