/*
 * The debug sections of one side were stripped, and its symbols numbered anew by that: nothing has changed.
 *
 * variants: gcc-O2-g gcc-Os-g clang-O2-g clang-O3-g-one
 * patched-after: strip --strip-debug @
 * expect: unchanged
 */
#include "corpus.h"

static int turns;

int serve(int n)
{
    printk("turn %d\n", turns++);
    return first(n);
}
