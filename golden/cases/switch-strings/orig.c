#include "case.h"
/* The compiler makes a table of pointers (CSWTCH.N) of such a switch: a literal, not a variable. */

const char *name_of(int n)
{
    switch (n) {
    case 0: return "zero";
    case 1: return "one";
    case 2: return "two";
    case 3: return "three";
    case 4: return "four";
    default: return "?";
    }
}
