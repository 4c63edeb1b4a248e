#include "corpus.h"
#line 119

int serve(int n)
{
    if (n < 0)
        return 0;
    if (n == 4)
        return 1;
    if (n > 100)
        BUG();
    return first(n);
}
#line 16379

void last(int n)
{
    if (n < 9)

        WARN();
    use(&n);
}
