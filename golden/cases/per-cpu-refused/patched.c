#include "case.h"

static int per_cpu__count section(".bss.percpu");

int use(int n)
{
    return n + ++per_cpu__count;
}
