/* unlinked: a member of a library that the linker did not take. */
#include "case.h"

int in_b(int n)
{
    return n * 37 - 5 + 2;
}
