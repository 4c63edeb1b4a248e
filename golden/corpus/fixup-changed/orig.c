/*
 * Only the code changes that goes on after a fault (.fixup): it belongs to the function in which the fault can
 * happen, and that has changed.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3-g clang-O2 clang-Os-one
 * expect: changed serve
 */
#include "corpus.h"

int early(const int *pointer)
{
    int value, error = 0;

    READ_SAFE(value, error, pointer);
    return error ? error : value + 1;
}

int serve(const int *pointer)
{
    int value, error = 0;

    READ_SAFE(value, error, pointer);
    return error ? error : value;
}
