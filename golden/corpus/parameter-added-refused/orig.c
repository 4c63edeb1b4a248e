/*
 * A parameter of the command line is added (.init.setup): the command line has been read, so it is refused by name, and
 * so is its name, which is boot data.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3-g clang-O2 clang-Os-one
 * expect: refused XS304 setup_str_limit, XS304 setup_limit
 */
#include "corpus.h"

int limit;

int serve(int n)
{
    return first(n) + limit;
}
