#include "case.h"
#define init section(".init.text")
#define initcall(function) static int (*const call_##function)(void) used section(".initcall1.init") = function

static int init set_up(void)
{
    printk("set up\n");
    return 0;
}
initcall(set_up);

static int init new_quirk(void)
{
    now();
    return 0;
}
initcall(new_quirk);

void running(void)
{
    unlock();
    lock();
}
