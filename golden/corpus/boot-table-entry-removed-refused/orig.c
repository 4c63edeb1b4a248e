/*
 * An entry goes from a table that the linker gathers and boot code walks (.data.schedulers): the running
 * hypervisor has taken it already, so its removal is refused by name.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O2-ldr clang-O2 clang-Os-one
 * expect: refused XS307 entry_fair
 */
#include "corpus.h"

struct scheduler {
    const char *name;
    int (*pick)(int n);
};

static const struct scheduler plain = { "plain", first };
static const struct scheduler fair = { "fair", second };

static const struct scheduler *entry_plain used section(".data.schedulers") = &plain;
static const struct scheduler *entry_fair used section(".data.schedulers") = &fair;
