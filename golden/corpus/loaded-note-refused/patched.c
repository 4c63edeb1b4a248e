#include "corpus.h"

asm(".pushsection .note.Xen,\"a\",@note\n"
    ".p2align 2\n"
    ".long 4, 8, 18\n"
    ".asciz \"Xen\"\n"
    ".quad 0x200000\n"
    ".popsection");

int serve(int n)
{
    return first(n) + 4;
}
