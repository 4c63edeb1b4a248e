/*
 * A blank line moves a line number that is passed on, with the names of file and function, to a function for
 * failed assertions which the user has named as one that reports lines: nothing has changed.
 *
 * variants: gcc-O2 gcc-Os-one-g gcc-O2-nopic clang-O2 clang-Os-one
 * reports: assertion_failed:line=3
 * expect: unchanged
 */
#include "corpus.h"

extern void assertion_failed(const char *what, const char *file, int line, const char *function)
    __attribute__((noreturn)) cold;

#define check(condition)                                                           \
    do {                                                                           \
        if (!(condition))                                                          \
            assertion_failed(#condition, __FILE__, __LINE__, __func__);            \
    } while (0)

int serve(int n)
{
    check(n > 0);
    check(n < 100);
    return first(n);
}
