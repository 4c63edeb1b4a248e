#include "corpus.h"

double half(double x)
{
    return x * 0.5;
}

double tenth(double x)
{
    return x * 0.1;
}

float third(float x)
{
    return x / 3.7f;
}
