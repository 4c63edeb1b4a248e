/*
 * A switch that gives strings is a table of pointers or of distances to them (CSWTCH, switch.table, reltable): one
 * string changes, and with it the function. Where clang puts all nameless tables of a file side by side nothing tells
 * where one begins, so there all of its users count as changed.
 *
 * variants: gcc-O2-jt gcc-O3-jt-one gcc-O2-jt-nopic gcc-Os-jt-g clang-O2-jt clang-O3-jt-one
 * expect: changed colour
 * expect(clang-O3-jt-one): changed colour taste
 */
#include "corpus.h"

const char *colour(int n)
{
    switch (n) {
    case 0: return "red";
    case 1: return "green";
    case 2: return "blue";
    case 3: return "black";
    case 4: return "white";
    default: return "none";
    }
}

const char *taste(int n)
{
    switch (n) {
    case 0: return "sweet";
    case 1: return "sour";
    case 2: return "salty";
    case 3: return "bitter";
    case 4: return "umami";
    default: return "none";
    }
}
