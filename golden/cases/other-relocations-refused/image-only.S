    .data
    .globl table
    .type table, @object
table:
    .zero 32
    .size table, 32
