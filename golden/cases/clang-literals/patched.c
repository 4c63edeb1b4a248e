/* compiler: clang */
#include "case.h"
static const char *const colours[3] = { "red", "green", "blue" };

void show(int n)
{
    static int shown;
    printk("colour %s %d\n", colours[n % 3], ++shown);
}
void untouched(void)
{
    printk("untouched\n");
}
