#include "case.h"
/* Declared visible, so that the compiler goes through a global offset table, which Xen has not. */
extern int table[8] __attribute__((visibility("default")));

int look_up(u64 n)
{
    return table[n];
}
