    .section .rodata.masks, "a", @progbits
    .globl masks_alone
    .type masks_alone, @object
masks_alone:
    .quad serve + 0x80000000
    .quad serve - 0x90000000
    .quad limit + 0x123456789abc
    .quad outside - 0xffff82d040000000
    .size masks_alone, . - masks_alone

    .data
    .globl extra
    .type extra, @object
extra:
    .quad 5
    .size extra, . - extra
    .globl limit
    .type limit, @object
limit:
    .quad 4
    .size limit, . - limit

    .section .text.serve, "ax", @progbits
    .globl serve
    .type serve, @function
serve:
    mov masks_alone(%rip), %rax
    add masks_alone+24(%rip), %rax
    ret
    .size serve, . - serve
