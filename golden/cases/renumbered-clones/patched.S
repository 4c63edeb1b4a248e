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
    function a.isra.7, a.constprop.9
    function a.constprop.9, a.part.0
    function a.part.0, a.cold.12
    function a.cold.12, printk
    function b.constprop.3.isra.7, b.part.11.cold
    function b.part.11.cold, printk
