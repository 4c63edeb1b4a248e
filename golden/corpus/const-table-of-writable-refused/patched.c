#include "corpus.h"

static const int limits[] = { 1, 2, 3, 5, 6 };
const int *chosen = limits;

int serve(int n)
{
    return first(n) + limits[n];
}

int serve_chosen(int n)
{
    return first(n) + chosen[n];
}
