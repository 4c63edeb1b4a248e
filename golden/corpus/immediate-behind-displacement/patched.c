#include "corpus.h"

static int extra[5] = { 1, 2, 3, 4, 5 };
static int level = 5;
static short share = 6;
static char mark = 7;

int serve(int n)
{
    if (mark == 3)
        return 1;
    if (share == 0x1234)
        return 2;
    if (level == 0x12345)
        return 3;
    level = 0x54321;
    share = 0x4321;
    mark = 9;
    return first(n);
}

void raise(int n)
{
    level += extra[n]++;
    share += n;
    mark += n;
}
