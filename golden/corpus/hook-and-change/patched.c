#include "corpus.h"

int limit = 4;

int serve(int n)
{
    return n <= limit;
}

static void raise_limit(void)
{
    limit = 8;
}

static void lower_limit(void)
{
    limit = 4;
}

static void (*const hook_load)(void) used section(".livepatch.hooks.load") = raise_limit;
static void (*const hook_unload)(void) used section(".livepatch.hooks.unload") = lower_limit;
static void (*const hook_preapply)(void) used section(".livepatch.hooks.preapply") = lower_limit;
