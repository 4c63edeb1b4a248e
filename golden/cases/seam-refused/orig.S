    /* Two variables in one section: a reference to their seam may mean the end of one or the start of the other. */
    .file "common/seam-refused.c"
    .data
    .type first, @object
first:
    .long 1, 2
    .size first, . - first
.Lmiddle:
    .type second, @object
second:
    .long 3
    .size second, . - second
    .section .text.f, "ax", @progbits
    .globl f
    .type f, @function
f:  lea .Lmiddle(%rip), %rax
    add $1, %eax
    ret
    .size f, . - f
