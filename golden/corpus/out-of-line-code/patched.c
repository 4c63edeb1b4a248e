#include "corpus.h"

static inline long asked(long n)
{
    asm volatile ( "cmp $7, %0\n\t"
                   "je 1f\n\t"
                   ".subsection 1\n"
                   "1:\tadd $3, %0\n\t"
                   "jmp 2f\n\t"
                   ".previous\n"
                   "2:" : "+r" (n) );
    return n;
}

int serve(int n)
{
    return first(n + 1) + asked(n) * 3 + second(n);
}

int last(int n)
{
    return second(n) + asked(n);
}
