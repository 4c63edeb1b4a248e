/*
 * Only the place changes where an exception table sends a fault (.ex_table): from behind the load to the error
 * path. The function has changed.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O2-cf-ldr clang-O2 clang-Os-one
 * expect: changed serve
 */
#include "corpus.h"

#define READ(value, pointer, go_on)                                                \
    asm volatile("1: mov %1, %0\n"                                                 \
                 "2: jmp 4f\n"                                                     \
                 "3: xor %0, %0\n"                                                 \
                 "4:\n"                                                            \
                 ".pushsection .ex_table,\"a\",@progbits\n"                        \
                 ".p2align 2\n"                                                    \
                 ".long 1b - ., " go_on " - .\n"                                   \
                 ".popsection"                                                     \
                 : "=&r"(value) : "m"(*(pointer)))

int early(const int *pointer)
{
    int value;

    READ(value, pointer, "2b");
    return value + 1;
}

int serve(const int *pointer)
{
    int value;

    READ(value, pointer, "2b");
    return value;
}
