#include "corpus.h"

#line 122
void serve(int a, int b, int c, int d)
{
    use(&a);
    use(&b);


    printk("%d %d %d %d in %s at %s:%d\n", a, b, c, d, __func__, __FILE__, __LINE__);
}

void neighbour(int a, int b, int c, int d)
{
    printk("%d %d %d %d in %s at %s:%d\n", d, c, b, a, __func__, __FILE__, __LINE__);
}
