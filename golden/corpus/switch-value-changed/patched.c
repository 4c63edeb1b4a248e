#include "corpus.h"

int extra(int n)
{
    switch (n) {
    case 0: return 71;
    case 1: return 3;
    case 2: return 44;
    case 3: return 9;
    case 4: return 101;
    default: return -1;
    }
}

int weight(int n)
{
    switch (n) {
    case 0: return 17;
    case 1: return 33;
    case 2: return 4;
    case 3: return 98;
    case 4: return 11;
    default: return -1;
    }
}
