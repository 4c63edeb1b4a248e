/*
 * A blank line moves a line number that is passed on to a printk with the name of the file (as a crash of a domain
 * is reported): it is only reported, so nothing has changed.
 *
 * variants: gcc-O2 gcc-O3-cf gcc-O2-nopic clang-O2 clang-Os-one
 * expect: unchanged
 */
#include "corpus.h"

extern void crash(int domain);

#define domain_crash(domain)                                                       \
    do {                                                                           \
        printk("domain_crash called from %s:%d\n", __FILE__, __LINE__);            \
        crash(domain);                                                             \
    } while (0)

int serve(int n)
{
    if (n < 0)
        domain_crash(n);
    return first(n);
}

void last(int n)
{
    if (n > 4) {
        domain_crash(n);
        return;
    }
    use(&n);
}
