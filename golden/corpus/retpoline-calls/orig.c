/*
 * An indirect call goes through a thunk for its register, and the function that it stands in does not change when
 * another one, with a thunk of its own, does.
 *
 * variants: gcc-O2-retp gcc-Os-one-retp gcc-O2-retp-cf clang-O2-retp clang-Os-one-retp
 * expect: changed serve
 */
#include "corpus.h"

struct handler {
    int (*open)(int n);
    int (*close)(int n, int how);
};

int serve(const struct handler *handler, int n)
{
    return handler->open(n) + 4;
}

int last(const struct handler *handler, int n)
{
    lock();
    return handler->open(n) + handler->close(n, 7);
}
