#include "mini.h"

struct domain domains[DOMAINS];
static unsigned long calls;

/* The bug: nobody checks that the domain exists. */
long do_set_flags(unsigned int domain, unsigned int flags)
{
    console_write("set_flags\n");
    domains[domain].flags = flags;
    return 0;
}

static long do_get_pages(unsigned long domain, unsigned long unused)
{
    (void)unused;
    return domain < DOMAINS ? (long)domains[domain].pages : -EINVAL;
}

static long set_flags_call(unsigned long a, unsigned long b)
{
    return do_set_flags(a, b);
}

static long (*const hypercall_table[])(unsigned long, unsigned long) = {
    set_flags_call,
    do_get_pages,
};

long do_hypercall(unsigned int number, unsigned long a, unsigned long b)
{
    calls++;
    if ( number >= sizeof(hypercall_table) / sizeof(hypercall_table[0]) )
        return -ENOSYS;
    return hypercall_table[number](a, b);
}
