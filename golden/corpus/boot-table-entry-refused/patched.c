#include "corpus.h"

struct scheduler {
    const char *name;
    int (*pick)(int n);
};

static const struct scheduler plain = { "plain", first };
static const struct scheduler fair = { "fair", second };

static const struct scheduler *entry_plain used section(".data.schedulers") = &plain;
static const struct scheduler *entry_fair used section(".data.schedulers") = &fair;
