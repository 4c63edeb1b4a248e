#include "corpus.h"

int last;


void limits(int a, int b, int c, int d)
{
    printk("%d %d %d %d in %s, %s has %d\n", a, b, c, d, __func__, __FILE__, 21);
    use(&a);
}

void named(int a, int b, int c, int d)
{
    printk("%d %d %d %d in %s at %s:%d\n", a, b, c, d, __func__, "domain", 21);
    use(&b);
}

void stored(int a, int b, int c, int d)
{
    printk("%d %d %d %d in %s at %s:%d\n", a, b, c, d, __func__, __FILE__, __LINE__);
    last = 21;
    use(&c);
}

void lines(int a, int b, int c, int d)
{
    printk("%d %d %d %d in %s at %s:%d\n", a, b, c, d, __func__, __FILE__, __LINE__);
    use(&d);
}
