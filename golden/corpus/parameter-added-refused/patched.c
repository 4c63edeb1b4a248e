#include "corpus.h"

int limit;

int serve(int n)
{
    return first(n) + limit;
}

static const char section(".init.rodata") used setup_str_limit[] = "limit";
struct parameter { const char *name; int type; void *place; };
static const struct parameter section(".init.setup") used setup_limit = { setup_str_limit, 1, &limit };
