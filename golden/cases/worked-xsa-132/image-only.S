    /*
     * What else the image of the worked examples has: do_domctl, whose call is the `e8 4b b1 05 00` of the design, the
     * three tables, a way in for each, and the function of the other example. Before it enters a hypercall, each leaves a secret below its stack.
     */
    .include "../worked-xsa-125/orig.S"
    .file "common/worked-rest.c"
    .macro function name
    .section .text.\name, "ax", @progbits
    .globl \name
    .type \name, @function
\name:
    .endm
    .macro done name
    .size \name, . - \name
    .endm

    function do_domctl
    push %rbp
    mov %rsp, %rbp
    sub $0x10, %rsp
    mov %rdi, -8(%rbp)
    mov %rsi, -16(%rbp)
    call leave_secret
    mov -8(%rbp), %rdi
    mov -16(%rbp), %rsi
    jmp 1f
    /* The other commands of the real one. */
    .org 0x19f0, 0x90
1:  call arch_do_domctl
    leave
    ret
    done do_domctl

    /* Right behind arch_do_domctl. */
    function neighbour
    mov $7, %eax
    ret
    done neighbour

    function leave_secret
    movabs $0x2b7e151628aed2a6, %rax
    mov $-0x50, %rcx
1:  mov %rax, (%rsp, %rcx)
    add $8, %rcx
    js 1b
    ret
    done leave_secret

    function do_ni_hypercall
    mov $-38, %rax
    ret
    done do_ni_hypercall

    /* Number of the hypercall, its two arguments. */
    .macro entrance name, table
    function \name
    push %rbx
    push %r12
    push %r13
    mov %rdi, %rbx
    mov %rsi, %r12
    mov %rdx, %r13
    call leave_secret
    lea \table(%rip), %rax
    mov %r12, %rdi
    mov %r13, %rsi
    call *(%rax, %rbx, 8)
    pop %r13
    pop %r12
    pop %rbx
    ret
    done \name
    .endm
    entrance pv_hypercall, hypercall_table
    entrance compat_hypercall, compat_hypercall_table
    entrance hvm_hypercall, hvm_hypercall64_table

    .macro table name
    .section .rodata.\name, "a", @progbits
    .globl \name
    .type \name, @object
    .p2align 3
\name:
    .rept 17
    .quad do_ni_hypercall
    .endr
    .quad do_xen_version
    .rept 18
    .quad do_ni_hypercall
    .endr
    .quad do_domctl
    .rept 3
    .quad do_ni_hypercall
    .endr
    .size \name, . - \name
    .endm
    table hypercall_table
    table compat_hypercall_table
    table hvm_hypercall64_table
    .section .note.GNU-stack, "", @progbits
