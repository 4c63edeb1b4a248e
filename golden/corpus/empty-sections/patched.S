    .section .text.unlikely, "ax", @progbits
    .section .rodata.none, "a", @progbits
    .section .text.serve, "ax", @progbits
    .globl serve
    .type serve, @function
serve:
    call first
    ret
    .size serve, . - serve

    .section .bss.nothing, "aw", @nobits
    .section .altinstr_replacement, "ax", @progbits
