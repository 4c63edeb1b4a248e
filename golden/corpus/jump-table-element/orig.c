/*
 * Two cases of a switch change places, by what they are called only: the code is the same, the elements of the
 * jump table are not, and the function has changed.
 *
 * variants: gcc-O2-jt gcc-Os-jt-one gcc-O2-jt-nopic gcc-O3-jt-retp clang-O2-jt clang-Os-jt-one
 * expect: changed serve
 */
#include "corpus.h"

int other(int n)
{
    switch (n) {
    case 0: return second(4);
    case 1: lock(); return 6;
    case 2: return first(9) + 1;
    case 3: unlock(); return 2;
    case 4: use(&n); return 8;
    case 5: return first(n) * 3;
    default: return -1;
    }
}

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
