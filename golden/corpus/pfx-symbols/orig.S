/*
 * Each function has a padding in front, under a symbol of its own (__pfx_f), so that it does not stand at the
 * start of its section: the instruction that changes is that of the function alone.
 *
 * variants: gcc clang gcc-g gcc-ldr clang-ldr
 * expect: changed serve
 */
.macro function name
    .section .text.\name, "ax", @progbits
    .p2align 4
    .globl \name
    .type __pfx_\name, @function
__pfx_\name:
    .skip 11, 0x90
    mov $0x12345678, %eax
    .size __pfx_\name, . - __pfx_\name
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

    function last
    call serve
    jmp other
    .size last, . - last
