/*
 * A case is added to a switch with a jump table, which grows by it: the function has changed, and the table of its
 * neighbour behind it has only moved.
 *
 * variants: gcc-O2-jt gcc-Os-jt-one gcc-O2-jt-nopic gcc-O3-jt-retp clang-O2-jt clang-Os-jt-one
 * expect: changed serve
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
