/*
 * A string changes that has a number with colons in it but is no date: it says something else, so the function has
 * changed.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3 clang-O2 clang-Os-one
 * expect: changed first_slot second_slot
 */
#include "corpus.h"

const char *first_slot(void)
{
    return "0000:00:1f.3";
}

const char *second_slot(void)
{
    return "Mar 64 bits";
}
