    /* Two static locals of one name belong to their functions, whatever their numbers. */
    .file "common/static-locals-renumbered.c"
    .macro function name, variable, step
    .section .text.\name, "ax", @progbits
    .globl \name
    .type \name, @function
\name:
    addl $\step, \variable(%rip)
    ret
    .size \name, . - \name
    .endm
    .macro variable name
    .section .bss.\name, "aw", @nobits
    .type \name, @object
\name:
    .zero 4
    .size \name, 4
    .endm
    variable count.5
    variable count.6
    function f, count.5, 1
    function g, count.6, 2
