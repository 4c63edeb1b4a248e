#include "corpus.h"


void serve(int a, int b, int c, int d)
{
    printk("%d %d %d %d in %s at %s:%d\n", a, b, c, d, __func__, __FILE__, __LINE__);
    use(&a);
}

void reader(int a, int b, int c, int d)
{
    int volatile seen = a;

    use((const void *)&seen);
    printk("%d %d %d %d in %s at %s:%d\n", seen, b, c, d, __func__, __FILE__, __LINE__);
}
