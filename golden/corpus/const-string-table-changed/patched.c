#include "corpus.h"

static const char *const colours[] = { "red", "green", "brown" };
static const char *const tastes[] = { "sweet", "sour", "salty" };

const char *colour(int n)
{
    return colours[n];
}

const char *taste(int n)
{
    return tastes[n];
}
