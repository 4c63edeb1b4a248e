#include "case.h"

struct scheduler { const char *name; int id; };
static const struct scheduler one = { "one", 1 };
static const struct scheduler *const one_entry used section(".data.schedulers") = &one;

static const struct scheduler two = { "two", 2 };
static const struct scheduler *const two_entry used section(".data.schedulers") = &two;

int use(int n)
{
    return n;
}
