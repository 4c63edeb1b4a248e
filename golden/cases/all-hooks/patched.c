/* Hooks alone, of every kind that the loader knows, written with the header for patch authors. */
#include "case.h"
#include "xsplice-hooks.h"

int limit = 4;

static void raise_limit(void)
{
    limit = 8;
}

static void lower_limit(void)
{
    limit = 4;
}

static int may_change(struct payload *payload)
{
    return limit > 100;
}

static void changed(struct payload *payload)
{
    printk("limit %d\n", limit);
}

XSPLICE_LOAD_HOOK(raise_limit);
XSPLICE_UNLOAD_HOOK(lower_limit);
XSPLICE_PREAPPLY_HOOK(may_change);
XSPLICE_POSTAPPLY_HOOK(changed);
XSPLICE_PREREVERT_HOOK(may_change);
XSPLICE_POSTREVERT_HOOK(changed);
