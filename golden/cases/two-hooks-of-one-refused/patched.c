/* The loader takes one function to ask before it applies, and passes over hooks that it does not know. */
#include "case.h"
#include "xsplice-hooks.h"

int limit = 4;

static int may_change(struct payload *payload)
{
    return limit > 100;
}

static int must_not_change(struct payload *payload)
{
    return limit < 2;
}

XSPLICE_PREAPPLY_HOOK(may_change);
XSPLICE_PREAPPLY_HOOK(must_not_change);
static int (*const unknown)(struct payload *) used section(".livepatch.hooks.aply") = may_change;
