#include "corpus.h"

int serve(int n)
{
    printk("%s allows %d\n", "serve", 41);
    return first(n);
}
