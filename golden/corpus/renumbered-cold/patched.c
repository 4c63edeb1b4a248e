#include "corpus.h"

int parse(int n)
{
    if (unlikely(n < 0)) {
        complain("%d is less than %d\n", n, 0);
        complain("and so is nothing of use\n");
        return -22;
    }
    return first(n) + 1;
}
