/*
 * The symbols of an object stand in another order, globals and locals each among themselves: nothing has changed.
 *
 * variants: gcc-O2 gcc-Os gcc-O3-one-cf clang-O2 clang-Os-one
 * patched-after: objcopy --localize-symbol=serve @ && objcopy --globalize-symbol=serve @
 * patched-after: objcopy --globalize-symbol=counter --globalize-symbol=turns @
 * patched-after: objcopy --localize-symbol=turns --localize-symbol=counter @
 * expect: unchanged
 */
#include "corpus.h"

static int limit = 4;
static int turns = 9;

static noinline int helper(int n)
{
    return first(n) + limit++;
}

static noinline int counter(int n)
{
    return second(n) + turns++;
}

int early(int n)
{
    return counter(n) + 3;
}

int serve(int n)
{
    printk("serve %d\n", n);
    return helper(n) + counter(n);
}

int late(int n)
{
    return helper(n) * counter(n);
}
