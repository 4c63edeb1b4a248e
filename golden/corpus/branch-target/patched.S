    .section .text.serve, "ax", @progbits
    .globl serve
    .type serve, @function
serve:
    test %edi, %edi
    je 2f
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
