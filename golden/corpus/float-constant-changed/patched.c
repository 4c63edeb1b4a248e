#include "corpus.h"

double half(double x)
{
    return x * 0.5;
}

double tenth(double x)
{
    return x * 0.11;
}
