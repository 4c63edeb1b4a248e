#include "corpus.h"

static int limit = 4;
static int level = 5;

int serve(int n)
{
    return first(n) + level;
}

void raise(void)
{
    limit++;
    level++;
}
