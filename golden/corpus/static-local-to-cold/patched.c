#include "corpus.h"

int parse(int n)
{
    static int refused;

    if (n < 0) {
        refused++;
        complain("%d is less than %d, number %d\n", n, 0, refused);
        complain("and so is nothing of use\n");
        return -22;
    }
    return first(n) + 1;
}

int other(int n)
{
    static int refused;

    return second(n) + ++refused;
}
