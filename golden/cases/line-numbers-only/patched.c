#include "case.h"

/* Lines move by three. */

void warns(int x)
{
    if (x > 3)
        WARN();
    if (x > 5)
        ASSERT(x < 7);
}
#line 128
void at_limit(int x) { if (x) WARN(); }
#line 16380
void at_end(int x) { if (x) BUG(); }
