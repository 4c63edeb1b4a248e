#include "corpus.h"

int early(int n)
{
    RUN_FN(first);
    return n + 1;
}

int serve(int n)
{
    RUN_FN(second);
    return n;
}
