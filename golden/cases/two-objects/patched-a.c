#include "case.h"
extern void in_b(int n);
extern void new_in_b(int n);
int new_in_a = 3;
void in_a(int n)
{
    new_in_b(n);
    in_b(n);
}
