#include "corpus.h"

int early(int n)
{
    if (n < 0)
        BUG_FRAME(1, __LINE__, __FILE__, "");
    return first(n);
}

int serve(int n)
{
    if (n < 0)
        BUG_FRAME(2, __LINE__, __FILE__, "");
    return second(n);
}
