/* What the hypervisor of every case has beside the case's own objects. */
    .macro stub name
    .section .text.\name, "ax", @progbits
    .globl \name
    .type \name, @function
    .p2align 4
\name:
    xor %eax, %eax
    .nops 4
    ret
    .size \name, . - \name
    .endm
    .file "common/stubs.c"
    stub printk
    stub lock
    stub unlock
    stub now
    stub start
    .section .note.GNU-stack, "", @progbits
