/*
 * Two clones for constants swap their numbers, as they do when another clone is made before them: each is the one
 * that does the same.
 *
 * variants: gcc-O2 gcc-O3-cf gcc-O2-ldr
 * flags: -fipa-cp-clone
 * patched-after: objcopy --redefine-sym scale.constprop.0=scale.constprop.swap --redefine-sym scale.constprop.1=scale.constprop.0 @
 * patched-after: objcopy --redefine-sym scale.constprop.swap=scale.constprop.1 @
 * expect: unchanged
 */
#include "corpus.h"

/* Each caller gives a constant of its own. */
static noinline int scale(int n, int by, int unit)
{
    int result = 0;

    while (n-- > 0)
        result += first(n * by) / unit + second(result % by);
    return result;
}

int kilo(int n)
{
    return scale(n, 1000, 24) + scale(n + 1, 1000, 24);
}

int mebi(int n)
{
    return scale(n, 1024, 60) + scale(n + 1, 1024, 60);
}
