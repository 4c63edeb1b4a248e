#include "corpus.h"

const int limits[] = { 1, 2, 3, 5, 6 };

int serve(int n)
{
    return first(n) + limits[n];
}
