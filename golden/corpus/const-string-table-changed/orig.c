/*
 * One string changes to which a constant table points: the table comes along with those that read it, so they have
 * changed, and the name of another entry has not become theirs.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O2-nopic-retp clang-Os-one clang-O2-nopic-retp
 * expect: changed colour
 */
#include "corpus.h"

static const char *const colours[] = { "red", "green", "blue" };
static const char *const tastes[] = { "sweet", "sour", "salty" };

const char *colour(int n)
{
    return colours[n];
}

const char *taste(int n)
{
    return tastes[n];
}
