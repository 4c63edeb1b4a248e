# A label inside an assembly function that other code jumps to: a splice at the start does not catch it.
    .file "common/entered-in-the-middle-refused.c"
    .section .text.copy, "ax", @progbits
    .globl copy
    .type copy, @function
copy:
    mov %rdx, %rcx
    nop
    nop
copy_counted:
    rep movsb
    mov %rcx, %rax
    ret
    .size copy, . - copy
    .globl copy_counted
    .section .note.GNU-stack, "", @progbits
