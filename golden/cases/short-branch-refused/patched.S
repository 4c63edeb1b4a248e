    /* A tail call that the assembler resolved within its section, with a displacement of one byte. */
    .file "common/short-branch-refused.c"
    .text
    .globl f
    .type f, @function
f:  mov $2, %eax
    .byte 0xeb, g - . - 1
    .size f, . - f
    .globl g
    .hidden g
    .type g, @function
g:  add $1, %eax
    add $2, %eax
    ret
    .size g, . - g
