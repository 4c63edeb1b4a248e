/*
 * An entry is added to a table that the linker gathers and boot code walks (.data.schedulers): nobody will look at
 * it any more, so it is refused by name.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3 clang-O2 clang-Os-one
 * expect: refused XS307 entry_fair
 */
#include "corpus.h"

struct scheduler {
    const char *name;
    int (*pick)(int n);
};

static const struct scheduler plain = { "plain", first };

static const struct scheduler *entry_plain used section(".data.schedulers") = &plain;
