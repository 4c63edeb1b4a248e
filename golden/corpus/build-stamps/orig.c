/*
 * The date and the time of the build stand in the object, as the preprocessor writes them and as `date` does: they
 * differ in every build, so nothing has changed.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3 clang-O2 clang-Os-one
 * expect: unchanged
 */
#include "corpus.h"

#define BUILD_DATE "Mar  3 2024"
#define BUILD_TIME "09:15:59"
#define COMPILE_DATE "Sun Mar  3 09:15:59 UTC 2024"

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
