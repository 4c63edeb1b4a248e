/*
 * An entry point written in assembly changes that has a type and a size: it is a function like any other, and the
 * labels inside it are parts of it.
 *
 * variants: gcc clang gcc-ldr clang-ldr
 * expect: changed entry
 */
    .section .text.entry, "ax", @progbits
    .globl entry
    .type entry, @function
entry:
    push %rax
restart:
    call first
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
