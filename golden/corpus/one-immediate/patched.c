#include "corpus.h"

int early(int n)
{
    return first(n) + 0x10000;
}

int serve(int n)
{
    return first(n) + 0x10001;
}
