/*
 * A function whose switch becomes a table of values (CSWTCH.0, switch.table.f) is added in front of another such:
 * the other's table gets a new number or place, and its function has not changed. Where clang puts all nameless tables
 * of a file side by side nothing tells where one begins, so there what moves counts as changed.
 *
 * variants: gcc-O2-jt gcc-O3-jt-one gcc-O2-jt-cf gcc-Os-jt-ldr clang-O2-jt clang-O3-jt-one
 * expect: new extra
 * expect(clang-O3-jt-one): changed weight; new extra
 */
#include "corpus.h"

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
