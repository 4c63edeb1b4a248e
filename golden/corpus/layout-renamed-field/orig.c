/*
 * A field gets another name and a comment, its place and size stay: live structures still fit, so only the
 * function that changed counts.
 *
 * variants: gcc-O2-g gcc-Os-g-one clang-O2-g clang-Os-g-one
 * expect: changed serve
 */
#include "corpus.h"

struct unit {
    int size;
    int limit;
};

int serve(const struct unit *unit, int n)
{
    return first(n) + unit->limit;
}
