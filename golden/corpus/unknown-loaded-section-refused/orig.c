/*
 * Data changes in a loaded section of which nothing is known, not even a name in it: whoever walks it in the
 * running hypervisor has its own copy, so it is refused by section.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3 clang-O2 clang-Os-one
 * expect: refused
 */
#include "corpus.h"

asm(".pushsection .data.hooks_of_board,\"aw\",@progbits\n"
    ".p2align 3\n"
    ".quad first, 4\n"
    ".popsection");

int serve(int n)
{
    return first(n) + 4;
}
