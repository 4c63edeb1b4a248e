#include "corpus.h"

#define here() ({ __label__ place; place: asm volatile("" : : : "memory"); &&place; })

int early(int n)
{
    lock();
    n += second(n);
    return first(n);
}

int serve(int n)
{
    n = second(n);
    use(here());
    return first(n) * 3;
}
