/*
 * Functions stand in groups that linkers take once (COMDAT), each with its data: one changes, the others and the
 * groups' order say nothing.
 *
 * variants: gcc clang gcc-g
 * expect: changed second_inline
 */
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

    inline first_inline, 3
    inline second_inline, 7

    .text
    .globl serve
    .type serve, @function
serve:
    call first_inline
    call second_inline
    ret
    .size serve, . - serve
