/*
 * A function passes on where it is (the address of a label inside it) and another one in front of it, in the same
 * section, grows: the label is still the same place, so only the other has changed.
 *
 * variants: gcc-O2-one gcc-Os-one gcc-O3-one-g clang-O2-one clang-Os-one-nopic
 * flags(gcc*): -fno-toplevel-reorder
 * expect: changed early
 */
#include "corpus.h"

#define here() ({ __label__ place; place: asm volatile("" : : : "memory"); &&place; })

int early(int n)
{
    return first(n);
}

int serve(int n)
{
    n = second(n);
    use(here());
    return first(n) * 3;
}
