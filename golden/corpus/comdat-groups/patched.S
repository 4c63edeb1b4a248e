.macro inline name, by
    .section .text.\name, "axG", @progbits, \name, comdat
    .weak \name
    .hidden \name
    .type \name, @function
\name:
    call first
    imul .Lunit_\name(%rip), %eax
    add $\by, %eax
    ret
    .size \name, . - \name
    .section .rodata.\name, "aG", @progbits, \name, comdat
.Lunit_\name:
    .long 1000
.endm

    inline second_inline, 8
    inline first_inline, 3

    .text
    .globl serve
    .type serve, @function
serve:
    call first_inline
    call second_inline
    ret
    .size serve, . - serve
