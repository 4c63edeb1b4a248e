#include "case.h"

struct scheduler { const char *name; int id; };
static const struct scheduler one = { "one", 1 };
static const struct scheduler *const one_entry used section(".data.schedulers") = &one;

int use(int n)
{
    return n;
}
