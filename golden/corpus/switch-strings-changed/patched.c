#include "corpus.h"

const char *colour(int n)
{
    switch (n) {
    case 0: return "red";
    case 1: return "green";
    case 2: return "blue";
    case 3: return "brown";
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
