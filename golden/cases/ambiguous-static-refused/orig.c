/* A static local is gone from one function and another has one of its name: is it the same? Nobody can tell. */
#include "case.h"

noinline int first(void)
{
    static int count;
    return ++count;
}

noinline int second(void)
{
    return 1;
}
