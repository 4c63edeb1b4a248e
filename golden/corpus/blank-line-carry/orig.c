/*
 * A blank line moves a bug frame from line 127 to 128, where the upper half of the number, in the other field,
 * changes as well; another from 16383, the last that a frame can hold, to 0: they are still only reported.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O2-nopic clang-O2 clang-Os-one
 * expect: unchanged
 */
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
