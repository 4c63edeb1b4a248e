    /* A call spelt R_X86_64_PLT32 here and R_X86_64_PC32 there is the same call. */
    .section .text.f, "ax", @progbits
    .globl f
    .type f, @function
f:
    call printk
    ret
    .size f, . - f
