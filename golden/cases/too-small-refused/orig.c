/* flags: -fcf-protection=branch */
#include "case.h"

int small(int n)
{
    return n;
}

__attribute__((nocf_check)) int tiny(int n)
{
    return n;
}
