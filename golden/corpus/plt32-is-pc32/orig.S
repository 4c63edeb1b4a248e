/*
 * Calls and jumps are written as PLT32 by one assembler and as PC32 by an older one: in a hypervisor without a PLT
 * both compute the same, so nothing has changed.
 *
 * variants: gcc clang gcc-g gcc-ldr clang-ldr
 * expect: unchanged
 */
    .macro call_ target
    .byte 0xe8
    .long \target - . - 4
    .endm
    .macro jump target
    .byte 0xe9
    .long \target - . - 4
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
