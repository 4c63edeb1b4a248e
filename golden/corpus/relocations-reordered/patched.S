    .section .text.serve, "ax", @progbits
    .globl serve
    .type serve, @function
serve:
    .reloc serve + 11, R_X86_64_PLT32, second - 4
    .reloc serve + 6, R_X86_64_PLT32, other - 4
    .reloc serve + 1, R_X86_64_PLT32, first - 4
    .byte 0xe8, 0, 0, 0, 0
    .byte 0xe8, 0, 0, 0, 0
    .byte 0xe9, 0, 0, 0, 0
    .size serve, . - serve

    .section .text.other, "ax", @progbits
    .globl other
    .type other, @function
other:
    ret
    .size other, . - other
