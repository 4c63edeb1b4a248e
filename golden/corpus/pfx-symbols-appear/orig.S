/*
 * Paddings with symbols (__pfx_f) appear in front of functions which stay the same: the functions, which no longer
 * stand at the start of their sections, have not changed.
 *
 * variants: gcc clang gcc-ldr
 * expect: new __pfx_other __pfx_serve
 */
.macro function name
    .section .text.\name, "ax", @progbits
    .p2align 4
    .globl \name
    .type \name, @function
\name:
.endm

    function other
    call first
    add $1, %eax
    ret
    .size other, . - other

    function serve
    call other
    add $4, %eax
    ret
    .size serve, . - serve
