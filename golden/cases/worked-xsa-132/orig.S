    /*
     * The first worked example of the design: XSA-132. The function hands 24 bytes of its frame to its caller, and
     * fills them for mode 2 only, so that for others what lay on the stack goes out. The fix is three stores of 8
     * bytes each; with a function right behind this one they do not fit in place.
     */
    .file "common/worked-xsa-132.c"
    .section .text.arch_do_domctl, "ax", @progbits
    .globl arch_do_domctl
    .type arch_do_domctl, @function
arch_do_domctl:
    push %rbp
    mov %rsp, %rbp
    push %rbx
    sub $0x48, %rsp
    mov %rsp, %rax
    and $0xffffffffffff8000, %rax
    mov %rax, %rbx
    cmp $2, %esi
    jne 1f
    movq $0x22, -0x48(%rbp)
    movq $0x33, -0x40(%rbp)
    movq $0x44, -0x38(%rbp)
1:  mov -0x48(%rbp), %rax
    mov %rax, (%rdi)
    mov -0x40(%rbp), %rax
    mov %rax, 8(%rdi)
    mov -0x38(%rbp), %rax
    mov %rax, 16(%rdi)
    xor %eax, %eax
    add $0x48, %rsp
    pop %rbx
    pop %rbp
    ret
    .size arch_do_domctl, . - arch_do_domctl
    .section .note.GNU-stack, "", @progbits
