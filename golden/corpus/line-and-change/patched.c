#include "corpus.h"


int serve(int n)
{
    if (n < 0) {
        printk("negative in %s:%d\n", __FILE__, __LINE__);
        WARN();
    }
    return second(n);
}

void last(int n)
{
    if (n > 4) {
        printk("large in %s:%d\n", __FILE__, __LINE__);
        WARN();
    }
    use(&n);
}
