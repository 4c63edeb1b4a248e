    /* The compiler numbers clones and parts as it meets them; the number is nothing. */
    .macro function name, callee
    .section .text.\name, "ax", @progbits
    .type \name, @function
\name:
    call \callee
    ret
    .size \name, . - \name
    .endm
    .file "common/renumbered-clones.c"
    function a.isra.0, a.constprop.1
    function a.constprop.1, a.part.2
    function a.part.2, a.cold
    function a.cold, printk
    function b.constprop.0.isra.0, b.part.0.cold.4
    function b.part.0.cold.4, printk
