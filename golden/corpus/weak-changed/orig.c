/*
 * A weak function changes, and another starts to refer to a weak symbol that may be absent: both have changed, a
 * third with a weak reference of its own has not.
 *
 * variants: gcc-O2 gcc-O3-retp gcc-O2-ldr clang-O2 clang-Os-one-retp
 * expect: changed fallback serve
 */
#include "corpus.h"

extern int absent(int n) __attribute__((weak, visibility("default")));
extern int rare(int n) __attribute__((weak, visibility("default")));

__attribute__((weak)) int fallback(int n)
{
    return first(n) + 4;
}

int serve(int n)
{
    return fallback(n);
}

int last(int n)
{
    return rare ? rare(n) : second(n);
}
