/*
 * A switch with a jump table gets a neighbour with one in front, so that its table moves: it leads where it led,
 * and the function has not changed.
 *
 * variants: gcc-O2-jt gcc-Os-jt-one gcc-O2-jt-nopic gcc-O3-jt-retp clang-O2-jt clang-Os-jt-one
 * expect: new extra
 */
#include "corpus.h"

int serve(int n)
{
    switch (n) {
    case 0: return first(4);
    case 1: lock(); return 5;
    case 2: return second(9) + 1;
    case 3: unlock(); return 7;
    case 4: use(&n); return 3;
    case 5: return second(n) * 3;
    default: return -1;
    }
}
