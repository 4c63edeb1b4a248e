#include "corpus.h"

int limit = 5;

int serve(int n)
{
    return first(n) + limit;
}
