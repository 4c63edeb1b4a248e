/*
 * A structure gets a field at its end, which only one function uses: live ones are too small for it, and the debug
 * sections tell, so this is refused.
 *
 * variants: gcc-O2-g gcc-Os-g-one clang-O2-g clang-Os-g-one
 * expect: refused
 */
#include "corpus.h"

struct unit {
    int size;
    int limit;
};

int serve(struct unit *unit, int n)
{
    return first(n) + unit->limit;
}
