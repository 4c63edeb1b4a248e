#include "case.h"

void dump_state(void)
{
    printk("state\n");
}

static noinline void dump_other(void)
{
    printk("other\n");
}

void changed(int x)
{
    if (x > 4)
        WARN();
    RUN_FN(dump_state);
    RUN_FN(dump_other);
    if (x < 0)
        BUG();
}

void untouched(int x)
{
    if (x)
        WARN();
    RUN_FN(dump_state);
}
