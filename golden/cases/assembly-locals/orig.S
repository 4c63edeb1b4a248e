    /* Assembled objects have no STT_FILE symbol: the linker names their locals after the object. */
    .section .text.f, "ax", @progbits
    .globl f
    .type f, @function
f:  call g
    incl state(%rip)
    ret
    .size f, . - f
    .section .text.g, "ax", @progbits
    .type g, @function
g:  mov state(%rip), %eax
    ret
    .size g, . - g
    .section .bss.state, "aw", @nobits
    .type state, @object
state:
    .zero 4
    .size state, 4
