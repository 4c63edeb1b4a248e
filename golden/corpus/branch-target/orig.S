/*
 * A branch inside a function leads to another place in it, which the assembler resolved itself: one byte of
 * distance is all that differs, and the function has changed.
 *
 * variants: gcc clang gcc-ldr clang-ldr
 * expect: changed serve
 */
    .section .text.serve, "ax", @progbits
    .globl serve
    .type serve, @function
serve:
    test %edi, %edi
    je 1f
    call first
1:  call second
2:  ret
    .size serve, . - serve

    .section .text.last, "ax", @progbits
    .globl last
    .type last, @function
last:
    test %edi, %edi
    je 1f
    call first
1:  ret
    .size last, . - last
