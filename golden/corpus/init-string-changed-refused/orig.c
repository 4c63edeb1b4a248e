/*
 * Only a string changes that boot code prints (its literal stands in an .init section, as Xen's build puts it
 * there): the boot code is what has changed, and it would be lost.
 *
 * variants: gcc-O2 gcc-O3 clang-O2
 * after: objcopy --rename-section .rodata.setup.str1.1=.init.rodata.str1.1 --rename-section .rodata.str1.1=.init.rodata.str1.1 @
 * expect: refused XS303 setup
 */
#include "corpus.h"

void __init setup(int n)
{
    printk("limit is %d\n", n);
}

int serve(int n)
{
    return first(n);
}
