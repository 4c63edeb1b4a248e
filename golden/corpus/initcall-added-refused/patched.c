#include "corpus.h"

static int limit;

static int __init setup(void)
{
    limit = first(4);
    return 0;
}
static int (*const initcall_setup)(void) used section(".initcall1.init") = setup;

void set_limit(int n)
{
    limit = n;
}

int serve(int n)
{
    return first(n) + limit;
}
