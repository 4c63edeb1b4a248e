#include "corpus.h"

#define SITE ".pushsection .alt_call_sites,\"a\",@progbits\n.long 1b - .\n.popsection"

extern void (*handler)(void);

int early(int n)
{
    asm volatile("1: call *%0\n" SITE : : "m"(handler) : "memory");
    return first(n);
}

int serve(int n)
{
    asm volatile("1: call *%0\n" SITE : : "m"(handler) : "memory");
    return second(n);
}
