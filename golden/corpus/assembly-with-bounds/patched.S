    .section .text.entry, "ax", @progbits
    .globl entry
    .type entry, @function
entry:
    push %rax
restart:
    call second
    test %eax, %eax
    jne restart
    pop %rax
    iretq
    .size entry, . - entry

    .globl last
    .type last, @function
last:
    jmp first
    .size last, . - last
