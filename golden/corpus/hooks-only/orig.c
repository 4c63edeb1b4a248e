/*
 * Only a hook is added, for the loader to call when the payload is applied: no function has changed, the hook and
 * its pointer are new, and nothing is lost.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3 clang-O2 clang-Os-one
 * expect: new raise_limit hook_raise_limit
 */
#include "corpus.h"

int limit = 4;

int serve(int n)
{
    return n < limit;
}
