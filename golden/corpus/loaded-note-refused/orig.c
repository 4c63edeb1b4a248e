/*
 * A note of the hypervisor's own changes that is loaded and read by who boots it: the boot is over, so the change
 * would be lost and is refused by name.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3-g clang-O2 clang-Os-one
 * expect: refused
 */
#include "corpus.h"

asm(".pushsection .note.Xen,\"a\",@note\n"
    ".p2align 2\n"
    ".long 4, 8, 18\n"
    ".asciz \"Xen\"\n"
    ".quad 0x100000\n"
    ".popsection");

int serve(int n)
{
    return first(n) + 4;
}
