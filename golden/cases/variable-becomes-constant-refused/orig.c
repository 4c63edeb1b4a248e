/* A variable becomes a constant: in the hypervisor it may have any value by now, and code that writes to it. */
#include "case.h"

u32 shared_limit = 4;

u32 check(u32 n)
{
    return n < *(volatile const u32 *)&shared_limit;
}
