    /* Code without the bounds of a function. */
    .section .text.entry, "ax", @progbits
    .globl entry
entry:
    cld
    clac
    call lock
    jmp unlock
