#include "corpus.h"

int limit read_mostly = 4;

int serve(int n)
{
    return first(n) + limit;
}
