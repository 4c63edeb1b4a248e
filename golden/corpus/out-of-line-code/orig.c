/*
 * A function keeps a rare path out of its way, in a subsection of its section that no symbol names (UNLIKELY_START of
 * Xen), and changes elsewhere, so that the way back is another: it has changed, and nothing else, and nothing of it is
 * assembly without bounds.
 *
 * variants: gcc-O2 gcc-Os gcc-O3-cf gcc-O2-ldr clang-O2 clang-Os
 * expect: changed serve
 */
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
    return first(n) + asked(n);
}

int last(int n)
{
    return second(n) + asked(n);
}
