/*
 * A static function and a static variable become global, and the function changes as well: it is still that
 * function, neither it nor the variable is new.
 *
 * variants: gcc-O2 gcc-O3 gcc-O2-nopic clang-O2 clang-Os-one
 * expect: changed helper
 */
#include "corpus.h"

static int limit = 4;

static noinline int helper(int n)
{
    return first(n) + limit++;
}

int serve(int n)
{
    return helper(n) * limit;
}
