#include "case.h"

noinline int first(void)
{
    return 1;
}

noinline int second(void)
{
    static int count;
    return ++count;
}
