/* flags: -fno-function-sections -fno-data-sections -fno-toplevel-reorder */
#include "case.h"

static int first = 1;
static int second = 2;

static noinline int helper(int n)
{
    return n + first;
}

static noinline int changed(int n)
{
    return helper(n) * 1000 - second + (int)now();
}

int caller(int n)
{
    return changed(n) + helper(n + 1);
}

int (*chooser(int n))(int)
{
    return n ? helper : changed;
}
