/*
 * A string changes to which a variable points: the variable in the running hypervisor goes on pointing to the old
 * string, so the change would be lost.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3-g clang-O2 clang-Os-one
 * expect: refused XS301 title
 */
#include "corpus.h"

const char *title = "plain";

const char *told(void)
{
    return title;
}
