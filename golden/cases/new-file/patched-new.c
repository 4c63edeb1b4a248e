#include "case.h"
static int calls;
void from_new_file(void)
{
    printk("call %d\n", ++calls);
}
void never_called(void)
{
    unlock();
}
