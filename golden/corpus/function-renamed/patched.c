#include "corpus.h"

static noinline int assist(int n)
{
    return first(n) + 4;
}

int serve(int n)
{
    return assist(n) * 2;
}
