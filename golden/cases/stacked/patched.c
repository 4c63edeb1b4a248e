/* source: new-functions-and-data */
#include "case.h"

int total;
int high_water = 7;
static u64 last_time;
static const int weights[4] = { 1, 2, 4, 8 };

static noinline void note_time(void)
{
    static int times;

    last_time = now();
    times += 2;
    printk("time %lu, %d\n", last_time, times);
}

void remember(int n)
{
    if (n > high_water)
        high_water = n;
    note_time();
}

void count(int n)
{
    total += weights[n & 3] * 2;
    remember(n);
}
