#include "case.h"

void dump_state(void)
{
    printk("state\n");
}

void changed(int x)
{
    if (x > 3)
        WARN();
    RUN_FN(dump_state);
    if (x < 0)
        BUG();
}

void untouched(int x)
{
    if (x)
        WARN();
    RUN_FN(dump_state);
}
