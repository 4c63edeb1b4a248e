/*
 * A function joins the boot code and changes: the running hypervisor would never execute what is new in it, so it is
 * refused by name.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3-g clang-O2 clang-Os-one
 * expect: refused XS303 configure
 */
#include "corpus.h"

static int limit;

void configure(int n);
void configure(int n)
{
    limit = first(n);
}

int serve(int n)
{
    return first(n) + limit;
}
