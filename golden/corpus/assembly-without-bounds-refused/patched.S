    .section .text.entry, "ax", @progbits
    .globl entry
entry:
    push %rax
    call second
    pop %rax
    iretq

    .section .text.last, "ax", @progbits
    .globl last
    .type last, @function
last:
    jmp first
    .size last, . - last
