/*
 * One element of a vector of 16 bytes in a mergeable pool changes: the function that adds it has changed, the one
 * that adds another vector has not.
 *
 * variants: gcc-O2 gcc-O3-g clang-O2 clang-Os-nopic clang-O2-ldr
 * flags: -msse2
 * expect: changed step
 */
#include "corpus.h"

typedef int vector __attribute__((vector_size(16)));

vector step(vector v)
{
    return v + (vector){ 1, 2, 3, 4 };
}

vector stride(vector v)
{
    return v + (vector){ 10, 20, 30, 40 };
}
