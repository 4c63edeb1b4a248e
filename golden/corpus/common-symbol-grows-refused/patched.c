#include "corpus.h"

long table[9];

long serve(int n)
{
    return first(n) + table[n];
}
