/*
 * A pointer into the middle of a string becomes a pointer to a string of its own that reads the same: the function
 * says what it said.
 *
 * variants: gcc-O2 gcc-Os gcc-O2-one-ldr clang-O2 clang-Os-nopic
 * expect: unchanged
 */
#include "corpus.h"

void reads(int n)
{
    printk(&"not found"[4]);
}
