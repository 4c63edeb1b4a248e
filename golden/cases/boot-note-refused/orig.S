# A note that the boot loader reads: loaded, but no payload carries it.
    .file "common/boot-note-refused.c"
    .section .text.f, "ax", @progbits
    .globl f
    .type f, @function
f:
    xor %eax, %eax
    nop
    nop
    nop
    ret
    .size f, . - f
    .section .note.Boot, "a", @note
    .long 4, 4, 1
    .asciz "Xen"
    .long 7
    .section .note.GNU-stack, "", @progbits
