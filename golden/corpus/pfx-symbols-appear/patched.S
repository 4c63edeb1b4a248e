.macro function name
    .section .text.\name, "ax", @progbits
    .p2align 4
    .globl \name
    .type __pfx_\name, @function
__pfx_\name:
    .skip 16, 0x90
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
