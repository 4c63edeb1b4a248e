#include "corpus.h"

int early(const int *pointer)
{
    int value, error = 0;

    READ_SAFE(value, error, pointer);
    return error ? error : value + 1;
}

int serve(const int *pointer)
{
    int value, error = 0;

    asm volatile("1: mov %2, %0\n"
                 "2:\n"
                 ".pushsection .fixup,\"ax\",@progbits\n"
                 "3: mov %3, %1\n"
                 "xor %0, %0\n"
                 "jmp 2b\n"
                 ".popsection\n"
                 ".pushsection .ex_table,\"a\",@progbits\n"
                 ".p2align 2\n"
                 ".long 1b - ., 3b - .\n"
                 ".popsection"
                 : "=&r"(value), "+r"(error) : "m"(*(pointer)), "i"(-14));
    return error ? error : value;
}
