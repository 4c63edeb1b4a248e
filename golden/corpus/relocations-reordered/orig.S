/*
 * The relocations of a section stand in another order, as linkers may write them: they fill the same fields with
 * the same, so nothing has changed.
 *
 * variants: gcc gcc-ldr
 * expect: unchanged
 */
    .section .text.serve, "ax", @progbits
    .globl serve
    .type serve, @function
serve:
    .byte 0xe8, 0, 0, 0, 0
    .byte 0xe8, 0, 0, 0, 0
    .byte 0xe9, 0, 0, 0, 0
    .reloc serve + 1, R_X86_64_PLT32, first - 4
    .reloc serve + 6, R_X86_64_PLT32, other - 4
    .reloc serve + 11, R_X86_64_PLT32, second - 4
    .size serve, . - serve

    .section .text.other, "ax", @progbits
    .globl other
    .type other, @function
other:
    ret
    .size other, . - other
