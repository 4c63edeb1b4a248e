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
