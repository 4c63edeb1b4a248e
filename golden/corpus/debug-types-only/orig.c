/*
 * Only a declaration changes that no code depends on, and so only the debug sections do: nothing has changed.
 *
 * variants: gcc-O2-g gcc-Os-g clang-O2-g
 * expect: unchanged
 */
#include "corpus.h"

struct unit { int size; };

int serve(struct unit *unit, int n)
{
    use(unit);
    return first(n);
}
