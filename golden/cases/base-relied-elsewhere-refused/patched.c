#include "case.h"
/* What changes calls a function that the image has in another form, in a file that no patch touched. */
extern int limit(int n);

int user(int n)
{
    return limit(n) + 2;
}
