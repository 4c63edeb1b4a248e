#include "case.h"

int section(".init.text") probe(int n);
int section(".init.text") probe(int n)
{
    return n + 1;
}

static int quirks section(".init.data") = 7;

int running(int n)
{
    return probe(n) + quirks;
}

int section(".init.text") boot(void)
{
    return quirks;
}
