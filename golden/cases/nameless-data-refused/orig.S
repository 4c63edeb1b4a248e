    /* Data that only a local label names. */
    .file "common/nameless-data-refused.c"
    .section .data, "aw", @progbits
.Lhidden:
    .long 1, 2, 3, 4
    .section .text.f, "ax", @progbits
    .globl f
    .type f, @function
f:  mov .Lhidden(%rip), %eax
    add $1, %eax
    ret
    .size f, . - f
