#include "corpus.h"

int limit = 4;

int serve(int n)
{
    return n < limit;
}

static void raise_limit(void)
{
    limit = 8;
}

static void (*const hook_raise_limit)(void) used section(".livepatch.hooks.load") = raise_limit;
