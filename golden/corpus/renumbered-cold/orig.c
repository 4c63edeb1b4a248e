/*
 * Compilers before gcc 8 and the outliner of clang number cold parts (f.cold.1), later ones do not: the number is
 * nothing.
 *
 * variants: gcc-O2 gcc-O3-cf gcc-O2-ldr clang-O2 clang-O2-cf
 * flags(clang*): -mllvm -hot-cold-split -mllvm -hotcoldsplit-threshold=-10
 * patched-after(gcc*): objcopy --redefine-sym parse.cold=parse.cold.7 @
 * patched-after(clang*): objcopy --redefine-sym parse.cold.1=parse.cold.7 @
 * expect: unchanged
 */
#include "corpus.h"

int parse(int n)
{
    if (unlikely(n < 0)) {
        complain("%d is less than %d\n", n, 0);
        complain("and so is nothing of use\n");
        return -22;
    }
    return first(n) + 1;
}
