/*
 * Functions stand behind padding, the second also behind data of its own in its section: one instruction of the
 * second changes, and the first, into whose section more padding came, has not.
 *
 * variants: gcc clang gcc-ldr
 * expect: changed serve
 */
    .section .text.other, "ax", @progbits
    .skip 16, 0x90
    .globl other
    .type other, @function
other:
    call first
    add $1, %eax
    ret
    .size other, . - other

    .section .text.serve, "ax", @progbits
    .p2align 4
.Lunit:
    .quad 1000
    .skip 8, 0x90
    .globl serve
    .type serve, @function
serve:
    call other
    imul .Lunit(%rip), %rax
    add $4, %eax
    ret
    .size serve, . - serve
