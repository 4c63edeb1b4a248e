#include "corpus.h"

static int table[] = { 1, 2, 3, 4 };
int *chosen = table;

int serve(int n)
{
    return first(n) + table[n] + *chosen;
}
