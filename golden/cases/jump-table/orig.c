/* flags: -fjump-tables */
#include "case.h"

int untouched(int n)
{
    switch (n) {
    case 0: lock(); return 9;
    case 1: unlock(); return 8;
    case 2: now(); return 7;
    case 3: lock(); lock(); return 6;
    case 4: unlock(); unlock(); return 5;
    case 5: now(); now(); return 4;
    default: return 0;
    }
}

int changed(int n)
{
    switch (n) {
    case 0: unlock(); return 1;
    case 1: lock(); return 2;
    case 2: now(); return 3;
    case 3: unlock(); lock(); return 4;
    case 4: lock(); now(); return 5;
    case 5: now(); lock(); return 6;
    default: return 0;
    }
}
