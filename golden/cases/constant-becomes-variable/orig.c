/* A constant becomes a variable: it has no state yet, so a new one comes along for those who use it. */
#include "case.h"

const u32 shared_limit = 4;

u32 check(u32 n)
{
    return n < *(volatile const u32 *)&shared_limit;
}
