/*
 * The sections of an object stand in another order, as a linker script or another compiler may write them: nothing
 * has changed.
 *
 * variants: gcc-O2 gcc-Os gcc-O3-cf clang-O2 clang-Os
 * patched-after: printf 'SECTIONS {' >@.lds && printf ' %s 0 : { *(%s) }' .text.late .text.late .bss.turns .bss.turns .data.limit .data.limit .text.early .text.early >>@.lds && echo '}' >>@.lds
 * patched-after: ld -r -T @.lds @ -o @.joined && mv @.joined @ && rm @.lds
 * expect: unchanged
 */
#include "corpus.h"

static int limit = 4;
static int turns;

static noinline int helper(int n)
{
    return first(n) + limit++;
}

int early(int n)
{
    return turns++ + 3;
}

int serve(int n)
{
    printk("serve %d\n", n);
    return helper(n) + turns++;
}

int late(int n)
{
    printk("late %d\n", n);
    return helper(n) * limit;
}
