#include "case.h"

/* A rare path in a subsection behind the function: no symbol names it, and it calls and jumps back. */
static inline u64 asked(u64 n)
{
    asm volatile("test %0, %0\n\t"
                 "jz 1f\n\t"
                 ".subsection 1\n"
                 "1:\tcall printk\n\t"
                 "jmp 2f\n\t"
                 ".previous\n"
                 "2:" : "+a"(n) : : "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "memory");
    return n;
}

u64 serve(u64 n)
{
    return asked(n + 2 * now());
}

u64 last(u64 n)
{
    return asked(n);
}
