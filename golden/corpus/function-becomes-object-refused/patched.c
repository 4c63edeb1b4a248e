#include "corpus.h"

int (*handler)(int n) = first;

int serve(int n)
{
    return handler(n) + 4;
}
