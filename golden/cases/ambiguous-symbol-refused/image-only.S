    /* Another object of the same source file name: its locals go by the same names. */
    .file "common/ambiguous-symbol-refused.c"
    .section .text.helper, "ax", @progbits
    .type helper, @function
helper:
    ret
    .size helper, . - helper
    .section .bss.state, "aw", @nobits
    .type state, @object
state:
    .zero 4
    .size state, 4
