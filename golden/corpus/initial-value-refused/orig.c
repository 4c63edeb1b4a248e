/*
 * The initial value of a variable changes, which no function refers to in another way: the running hypervisor
 * keeps the value that it has, so the change would be lost.
 *
 * variants: gcc-O2 gcc-O3 gcc-O2-ldr clang-O2 clang-Os-one
 * expect: refused XS301 limit
 */
#include "corpus.h"

int limit = 4;

int serve(int n)
{
    return first(n) + limit;
}
