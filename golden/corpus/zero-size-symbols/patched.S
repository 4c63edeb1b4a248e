    .text
    .globl text_start
    .type text_start, @function
text_start:
    .globl other
    .type other, @function
other:
    call first
    .globl other_inside
other_inside:
    add $1, %eax
    ret
    .size other, . - other
    .globl other_end
other_end:

    .globl serve
    .type serve, @function
serve:
    call other
    add $5, %eax
    ret
    .size serve, . - serve
    .globl text_end
    .type text_end, @function
text_end:

    .data
    .globl table
    .type table, @object
table:
    .quad other, serve
    .size table, . - table
    .globl table_end
    .type table_end, @object
table_end:
