/*
 * One side comes straight from the compiler, the other went through `ld -r`, which sorts symbols, adds section
 * symbols and joins sections: nothing has changed.
 *
 * variants: gcc-O2 gcc-Os-g gcc-O3-one-cf-retp clang-O2 clang-Os-one-retp
 * patched-after: ld -r @ -o @.joined && mv @.joined @
 * expect: unchanged
 */
#include "corpus.h"

static int limit = 4;
static const char *const names[] = { "one", "two", "three" };

static noinline int helper(int n)
{
    if (n < 0)
        WARN();
    return first(n) + limit++;
}

const char *name(int n)
{
    return n < 3 ? names[n] : "many";
}

int serve(int n)
{
    static int turns;

    printk("serve %s, %d\n", name(n), turns++);
    return helper(n);
}
