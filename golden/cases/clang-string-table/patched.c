/* compiler: clang */
#include "case.h"
/* clang makes a table of distances to the strings; only the second letter of the second one changes. */

void show(int n)
{
    static const char *const colours[3] = { "red", "gReen", "blue" };
    printk("%s\n", colours[n % 3]);
}
