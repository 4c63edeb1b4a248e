#include "corpus.h"


void serve(int a, int b, int c, int d)
{
    printk("%d %d %d %d at %s:%s:%d\n", a, b, c, d, __FILE__, __func__, __LINE__);
    use(&a);
}
