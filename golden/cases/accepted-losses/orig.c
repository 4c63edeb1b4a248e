/* A fix that also changes boot code and an initial value; both losses are accepted by name. */
#include "case.h"

u32 limit = 4;

static void section(".init.text") used boot(void)
{
    limit = 5;
}

int check(u32 n)
{
    return n < limit;
}
