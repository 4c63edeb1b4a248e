    .file "common/reader.c"
    .section .text.reader, "ax", @progbits
    .globl reader
    .type reader, @function
reader:
    lea visible_limits(%rip), %rax
    mov (%rax,%rdi,4), %eax
    ret
    .size reader, . - reader
    .section .data.rel.ro.pointer, "aw", @progbits
    .globl pointer
    .type pointer, @object
    .p2align 3
pointer:
    .quad visible_limits + 4
    .size pointer, 8
    .section .note.GNU-stack, "", @progbits
