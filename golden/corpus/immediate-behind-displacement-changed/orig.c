/*
 * The immediate behind the address changes, in each of three functions of another width: all three have changed,
 * the one with the old values has not.
 *
 * variants: gcc-O2-one gcc-Os-one clang-O2-one clang-Os clang-O3-one-cf
 * flags(gcc*): -fno-toplevel-reorder
 * expect: changed narrow middling wide
 */
#include "corpus.h"

int level;
short share;
char mark;

void narrow(void)
{
    mark = 9;
}

void middling(void)
{
    share = 0x4321;
}

void wide(void)
{
    level = 0x54321;
}

void all(void)
{
    mark = 9;
    share = 0x4321;
    level = 0x54321;
}
