#include "case.h"
static double scale = 2.5;
double __attribute__((target("sse2"))) scaled(double x)
{
    return x * scale + 1.25;
}
