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
