#include "corpus.h"

int serve(int n)
{
    switch (n) {
    case 0: return first(4);
    case 1: lock(); return 5;
    case 2: return second(9) + 1;
    case 3: unlock(); return 7;
    case 4: use(&n); return 3;
    case 5: return first(n) * 5;
    default: return -1;
    }
}

int last(int n)
{
    switch (n) {
    case 0: return second(4);
    case 1: lock(); return 6;
    case 2: return first(9) + 1;
    case 3: unlock(); return 2;
    case 4: use(&n); return 8;
    default: return -1;
    }
}
