#include "corpus.h"


static int helper(int n)
{
    BUG_FRAME(0, 0, first, "");
    return n;
}

int serve(int n)
{
    if (n < 0)
        BUG();
    if (n > 100)
        WARN();
    ASSERT(n != 7);
    return helper(n);
}

void last(int n)
{
    ASSERT(n > 3);
    ASSERT(n < 9);
    use(&n);
}
