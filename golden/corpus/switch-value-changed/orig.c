/*
 * One value of a switch changes that the compiler made into a table (CSWTCH.0, switch.table.f): the code is the
 * same, and yet the function has changed. Where clang puts all nameless tables of a file side by side nothing tells
 * where one begins (an address holds what is subtracted from the index, too), so there all users count as changed.
 *
 * variants: gcc-O2-jt gcc-O3-jt-one gcc-O2-jt-cf clang-O2-jt clang-O3-jt-one clang-O2-jt-nopic
 * expect: changed weight
 * expect(clang-O3-jt-one): changed weight extra
 */
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
    case 3: return 99;
    case 4: return 11;
    default: return -1;
    }
}
