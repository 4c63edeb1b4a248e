/*
 * One side has no .note.GNU-stack, in which compilers tell linkers of user programs what stack they want: nothing has
 * changed.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3-g clang-O2 clang-Os-one
 * patched-after: objcopy --remove-section .note.GNU-stack @
 * expect: unchanged
 */
#include "corpus.h"

void serve(int n)
{
    printk("serves %d\n", n);
    printk("a text that is long enough to be aligned by a compiler: %d\n", n);
}

void serve_too(int n)
{
    printk("serves %d\n", n + 1);
}
