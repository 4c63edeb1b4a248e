#include "corpus.h"

int table[9];

int serve(int n)
{
    return first(n) + table[n];
}
