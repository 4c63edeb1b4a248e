/* A writable table holds the address of the constant: the running table would go on pointing at the old one. */
#include "case.h"

static const u32 limits[4] = { 1, 2, 4, 16 };
static const u32 *tables[2] = { limits, limits + 2 };

u32 limit_of(u32 n, u32 m)
{
    if (n > 8)
        tables[0] = tables[1];
    return tables[n & 1][m & 1] + limits[m & 3];
}
