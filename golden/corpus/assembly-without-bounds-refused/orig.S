/*
 * Code changes that no symbol bounds, as in entry points written in assembly: where it ends and what jumps into it
 * is not known, so it is refused by the nearest label.
 *
 * variants: gcc clang gcc-g gcc-ldr clang-ldr
 * expect: refused XS305 entry
 */
    .section .text.entry, "ax", @progbits
    .globl entry
entry:
    push %rax
    call first
    pop %rax
    iretq

    .section .text.last, "ax", @progbits
    .globl last
    .type last, @function
last:
    jmp first
    .size last, . - last
