/*
 * A function that stood in a section of its own now stands in a group that linkers take once (COMDAT): it does the
 * same, so nothing has changed.
 *
 * variants: gcc clang
 * expect: unchanged
 */
    .section .text.helper, "ax", @progbits
    .weak helper
    .hidden helper
    .type helper, @function
helper:
    call first
    add $3, %eax
    ret
    .size helper, . - helper

    .text
    .globl serve
    .type serve, @function
serve:
    call helper
    ret
    .size serve, . - serve
