#include "case.h"
/* What changes calls a function of a file that does not: the proof of the base looks for that one as well. */
extern int limit(int n);

int user(int n)
{
    return limit(n) + 2;
}
