/*
 * A blank line moves a line number that is passed on, with the names of file and function, to a function of which
 * nothing says that it only reports them: it may do anything with the number, so its caller has changed.
 *
 * variants: gcc-O2 gcc-Os-one clang-O2 clang-Os-one
 * expect: changed serve
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
