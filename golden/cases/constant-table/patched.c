/* A table of constants changed: it comes along as new, and the functions that read it count as changed. */
#include "case.h"

static const u32 limits[4] = { 1, 2, 4, 16 };
static const u32 *const rows[2] = { limits, limits + 2 };

u32 limit_of(u32 n)
{
    return limits[n & 3];
}

u32 row_of(u32 n, u32 m)
{
    return rows[n & 1][m & 1];
}

u32 untouched(u32 n)
{
    return n + 1;
}
