#include "corpus.h"

int table[] = { 1, 2, 3, 4 };

int serve(int n)
{
    return first(n) + table[n];
}
