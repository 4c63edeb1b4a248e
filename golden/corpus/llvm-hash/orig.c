/*
 * Names that a linker-time optimiser of clang promoted end in a hash of their module, which changes with its
 * source: the hash is nothing.
 *
 * variants: clang-O2 clang-Os-cf clang-O3 clang-O2-ldr
 * orig-after: objcopy --redefine-sym helper=helper.llvm.3152749162907284718 --redefine-sym limit=limit.llvm.3152749162907284718 @
 * patched-after: objcopy --redefine-sym helper=helper.llvm.9902375513880134211 --redefine-sym limit=limit.llvm.9902375513880134211 @
 * expect: unchanged
 */
#include "corpus.h"

int limit = 4;

noinline int helper(int n)
{
    return first(n) + limit;
}

int serve(int n)
{
    return helper(n) * limit++;
}
