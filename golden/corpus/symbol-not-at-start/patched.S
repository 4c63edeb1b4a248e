    .section .text.other, "ax", @progbits
    .skip 32, 0x90
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
    add $5, %eax
    ret
    .size serve, . - serve
