/*
 * A structure changes that a function knows only by a variable of the file, to which it refers: the debug sections
 * tell nothing of that, the relocation does, and the layout is refused.
 *
 * variants: gcc-O2-g gcc-Os-g-one clang-O2-g clang-Os-g-one
 * expect: refused XS320; changed serve
 */
#include "corpus.h"

struct unit {
    int limit;
    int size;
};

static struct unit *units;

int serve(int n)
{
    return first(n) + units[n].size;
}

void last(void *all)
{
    units = all;
}
