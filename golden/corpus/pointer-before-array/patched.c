#include "corpus.h"

static int before[4] = { 11, 12, 13 };
static int extra[4] = { 4, 5, 6, 7 };
static int table[40] = { 1, 2, 3 };

int serve(int n)
{
    use(&table[-1]);
    return table[n - 1] + before[n - 2];
}

void raise(int n)
{
    before[n]++;
    table[n] += extra[n]++;
}
