#include "corpus.h"

static int table[40] = { 1, 2, 3 };
static int extra[4] = { 4, 5, 6, 7 };

int serve(int n)
{
    int *entry;

    for (entry = table; entry < table + 40; entry++)
        n += first(*entry);
    use(table + 40);
    return n;
}

void raise(int n)
{
    table[n] += extra[n]++;
}
