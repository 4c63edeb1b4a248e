/*
 * An empty section appears, loaded like the others: there is nothing in it, so nothing has changed.
 *
 * variants: gcc clang gcc-ldr
 * expect: unchanged
 */
    .section .text.serve, "ax", @progbits
    .globl serve
    .type serve, @function
serve:
    call first
    ret
    .size serve, . - serve

    .section .bss.nothing, "aw", @nobits
    .section .altinstr_replacement, "ax", @progbits
