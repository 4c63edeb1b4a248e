/*
 * What the cases share: a few functions that the hypervisor of a case provides, and tables about code in the
 * layout that Xen 4.17 uses for x86-64 (sizes and meaning of the fields; the macros are our own).
 */
#ifndef CASE_H
#define CASE_H

/* As Xen does: nothing is found through a global offset table. */
#pragma GCC visibility push(hidden)

typedef unsigned int u32;
typedef unsigned long u64;

#define noinline __attribute__((noinline))
#define used __attribute__((used))
#define section(name) __attribute__((section(name)))
#define cold __attribute__((cold))

extern int printk(const char *format, ...);
extern void lock(void);
extern void unlock(void);
extern u64 now(void);

/* A bug frame: where, which pointer, and the line, whose 14 bits stand above the two displacements. */
#define BUG_FRAME(type, line, pointer, more, ...)                                        \
    asm volatile(".Lbug%=: ud2\n"                                                        \
                 ".pushsection .bug_frames." #type ",\"a\",@progbits\n"                  \
                 ".p2align 2\n"                                                          \
                 ".Lframe%=:\n"                                                          \
                 ".long (.Lbug%= - .Lframe%=) + %c0\n"                                   \
                 ".long (%c1 - .Lframe%=) + %c2\n" more                                  \
                 ".popsection"                                                           \
                 : : "i"((((line) >> 7) & 127) << 24), "i"(pointer), "i"(((line)&127) << 24), ##__VA_ARGS__)

#define RUN_FN(function) BUG_FRAME(0, 0, function, "")
#define WARN() BUG_FRAME(1, __LINE__, __FILE__, "")
#define BUG() do { BUG_FRAME(2, __LINE__, __FILE__, ""); __builtin_unreachable(); } while (0)
#define ASSERT(condition)                                                                \
    do {                                                                                 \
        if (!(condition)) {                                                              \
            BUG_FRAME(3, __LINE__, __FILE__, ".long 0, %c3 - .Lframe%=\n", "i"(#condition)); \
            __builtin_unreachable();                                                     \
        }                                                                                \
    } while (0)

/* An alternative: `old` until `feature` is there, then `new`. Entry of 14 bytes. */
#define ALTERNATIVE(old, new, feature)                                                   \
    ".Lold%=: " old "\n"                                                                 \
    ".Lend%=: .skip -((.Lnewend%= - .Lnew%=) - (.Lend%= - .Lold%=) > 0)"                 \
    " * ((.Lnewend%= - .Lnew%=) - (.Lend%= - .Lold%=)), 0x90\n"                          \
    ".Lpad%=:\n"                                                                         \
    ".pushsection .altinstructions,\"a\",@progbits\n"                                    \
    ".long .Lold%= - ., .Lnew%= - .\n"                                                   \
    ".word " #feature "\n"                                                               \
    ".byte .Lend%= - .Lold%=, .Lnewend%= - .Lnew%=, .Lpad%= - .Lend%=, 0\n"              \
    ".popsection\n"                                                                      \
    ".pushsection .altinstr_replacement,\"ax\",@progbits\n"                              \
    ".Lnew%=: " new "\n"                                                                 \
    ".Lnewend%=:\n"                                                                      \
    ".popsection\n"

/* Reads through a pointer that may fault: on a fault, `error` is set and execution goes on behind the load. */
#define READ_SAFE(value, error, pointer)                                                 \
    asm volatile("1: mov %2, %0\n"                                                       \
                 "2:\n"                                                                  \
                 ".pushsection .fixup,\"ax\",@progbits\n"                                \
                 "3: mov %3, %1\n"                                                       \
                 "jmp 2b\n"                                                              \
                 ".popsection\n"                                                         \
                 ".pushsection .ex_table,\"a\",@progbits\n"                              \
                 ".p2align 2\n"                                                          \
                 ".long 1b - ., 3b - .\n"                                                \
                 ".popsection"                                                           \
                 : "=&r"(value), "+r"(error) : "m"(*(pointer)), "i"(-14))

#endif
