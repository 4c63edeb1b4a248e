/*
 * A promoted function (name and hash) changes beside another whose hash alone is new: only the one has changed.
 *
 * variants: clang-O2 clang-Os-cf clang-O3 clang-O2-one
 * orig-after: objcopy --redefine-sym helper=helper.llvm.3152749162907284718 --redefine-sym other=other.llvm.3152749162907284718 @
 * patched-after: objcopy --redefine-sym helper=helper.llvm.9902375513880134211 --redefine-sym other=other.llvm.9902375513880134211 @
 * expect: changed helper.llvm
 */
#include "corpus.h"

noinline int helper(int n)
{
    return first(n) + 4;
}

noinline int other(int n)
{
    return second(n);
}

int serve(int n)
{
    return helper(n) * other(n);
}
