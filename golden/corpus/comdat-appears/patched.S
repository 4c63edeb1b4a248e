    .section .text.helper, "axG", @progbits, helper, comdat
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
