/*
 * Strings stand in a section for another alignment, where compilers put those that are long: they read the same, so
 * nothing has changed.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O2-nopic clang-O2 clang-Os-one
 * patched-after: objcopy --rename-section .rodata.str1.1=.rodata.str1.8 --rename-section .rodata.serve.str1.1=.rodata.serve.str1.8 @
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
