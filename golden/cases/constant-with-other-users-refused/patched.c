/* The same, but another object reads it too: found in the image, and refused. */
#include "case.h"

const u32 visible_limits[4] = { 1, 2, 4, 16 };

u32 limit_of(u32 n)
{
    return visible_limits[n & 3];
}
