#include "corpus.h"

#define BUILD_DATE "Nov 24 2025"
#define BUILD_TIME "13:40:01"
#define COMPILE_DATE "Mon Nov 24 13:40:01 UTC 2025"

const char *build_date(void)
{
    return BUILD_DATE;
}

const char *build_time(void)
{
    return BUILD_TIME;
}

const char *compile_date(void)
{
    return COMPILE_DATE;
}

void banner(void)
{
    printk("made on " BUILD_DATE " at " BUILD_TIME "\n");
}
