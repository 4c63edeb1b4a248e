    .macro call_ target
    call \target
    .endm
    .macro jump target
    jmp \target
    .endm

    .section .text.serve, "ax", @progbits
    .globl serve
    .type serve, @function
serve:
    call_ first
    call_ other
    jump second
    .size serve, . - serve

    .section .text.other, "ax", @progbits
    .globl other
    .type other, @function
other:
    jump serve
    .size other, . - other
