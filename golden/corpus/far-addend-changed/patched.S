    .section .text.serve, "ax", @progbits
    .globl serve
    .type serve, @function
serve:
    movabs $limit + 0x200000000, %rax
    ret
    .size serve, . - serve

    .globl other
    .type other, @function
other:
    movabs $limit + 0x100000000, %rax
    ret
    .size other, . - other

    .data
    .globl limit
    .type limit, @object
limit:
    .quad 4
    .size limit, . - limit
