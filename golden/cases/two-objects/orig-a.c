#include "case.h"
extern void in_b(int n);
void in_a(int n)
{
    in_b(n);
}
