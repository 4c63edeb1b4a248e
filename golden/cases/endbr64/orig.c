/* flags: -fcf-protection=branch */
#include "case.h"

int changed(int n)
{
    return n * 10 + 3;
}
