#include "corpus.h"

asm(".pushsection .data.hooks_of_board,\"aw\",@progbits\n"
    ".p2align 3\n"
    ".quad first, 5\n"
    ".popsection");

int serve(int n)
{
    return first(n) + 4;
}
