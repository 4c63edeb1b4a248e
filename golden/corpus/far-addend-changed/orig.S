/*
 * Only the high half of an addend beyond 32 bits changes, in a constant of a function: it means another address,
 * and the function has changed.
 *
 * variants: gcc clang gcc-g gcc-ldr clang-ldr
 * expect: changed serve
 */
    .section .text.serve, "ax", @progbits
    .globl serve
    .type serve, @function
serve:
    movabs $limit + 0x100000000, %rax
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
