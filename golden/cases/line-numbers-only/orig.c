#include "case.h"
void warns(int x)
{
    if (x > 3)
        WARN();
    if (x > 5)
        ASSERT(x < 7);
}
#line 127
void at_limit(int x) { if (x) WARN(); }
#line 16383
void at_end(int x) { if (x) BUG(); }
