/*
 * A function is registered to be called at boot (.initcall1.init): nobody will call it any more, so the entry is
 * refused by name, and the function with it.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3-g clang-O2 clang-Os-one
 * expect: refused XS303 setup, XS304 initcall_setup
 */
#include "corpus.h"

static int limit;

void set_limit(int n)
{
    limit = n;
}

int serve(int n)
{
    return first(n) + limit;
}
