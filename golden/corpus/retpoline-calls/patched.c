#include "corpus.h"

struct handler {
    int (*open)(int n);
    int (*close)(int n, int how);
};

int serve(const struct handler *handler, int n)
{
    return handler->close(n, 4) + 4;
}

int last(const struct handler *handler, int n)
{
    lock();
    return handler->open(n) + handler->close(n, 7);
}
