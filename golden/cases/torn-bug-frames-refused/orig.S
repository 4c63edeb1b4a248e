    /* Frames of 12 bytes are of no known version. */
    .file "common/torn-bug-frames-refused.c"
    .section .text.f, "ax", @progbits
    .globl f
    .type f, @function
f:  mov $1, %eax
    ud2
    ret
    .size f, . - f
    .section .bug_frames.1, "a", @progbits
    .long f + 5 - ., 0, 0
