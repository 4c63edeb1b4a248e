/* flags: -fjump-tables -fno-tree-switch-conversion -Os -fno-function-sections */
#include "case.h"
/* One .text: distances counted from the field, not from the table, would lead into the next function. */
#define ONE(n) case n: return n * n * 7 + (n % 3) * 100 + (int)now();
#define TEN(n) ONE(n##0) ONE(n##1) ONE(n##2) ONE(n##3) ONE(n##4) ONE(n##5) ONE(n##6) ONE(n##7) ONE(n##8) ONE(n##9)

int changed(int n)
{
    switch (n) {
    TEN(1)
    default: return 0;
    }
}

int untouched(int n)
{
    switch (n) {
    TEN(4)
    default: return 0;
    }
}
