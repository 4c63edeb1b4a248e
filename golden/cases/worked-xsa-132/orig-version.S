    /*
     * The second worked example of the design: XSA-125, here the function that it takes. Nothing calls it but through
     * the three tables of hypercalls. It builds 24 bytes on its stack, of which it fills four.
     */
    .file "common/worked-xsa-125.c"
    .section .text.do_xen_version, "ax", @progbits
    .globl do_xen_version
    .type do_xen_version, @function
do_xen_version:
    mov $-38, %rax
    cmp $9, %edi
    ja 9f
    sub $0x18, %rsp
    movl $0x00040006, (%rsp)
    mov (%rsp), %rax
    mov %rax, (%rsi)
    mov 8(%rsp), %rax
    mov %rax, 8(%rsi)
    mov 16(%rsp), %rax
    mov %rax, 16(%rsi)
    add $0x18, %rsp
    xor %eax, %eax
    jmp 9f
    /* The other commands of the real one. */
    .org 0x534, 0x90
9:  ret
    .size do_xen_version, . - do_xen_version
    .section .note.GNU-stack, "", @progbits
