    /* A displacement counts from the end of the instruction, 4 to 8 bytes behind its own start. */
    .file "common/immediates-behind-displacement.c"
    .section .text.f, "ax", @progbits
    .globl f
    .type f, @function
f:
    movl mine(%rip), %eax
    movb $1, mine(%rip)
    movw $2, mine+4(%rip)
    movl $3, mine+8(%rip)
    cmpl $100000, other(%rip)
    movq $4, other+8(%rip)
    lea mine-4(%rip), %rdx
    lea mine+16(%rip), %rcx
    nop
    ret
    .size f, . - f
    .section .bss.mine, "aw", @nobits
    .type mine, @object
mine:
    .zero 16
    .size mine, 16
    .section .bss.other, "aw", @nobits
    .type other, @object
other:
    .zero 16
    .size other, 16
