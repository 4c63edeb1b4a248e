#include "case.h"

u32 limit = 6;

static void section(".init.text") used boot(void)
{
    limit = 7;
}

int check(u32 n)
{
    return n <= limit;
}
