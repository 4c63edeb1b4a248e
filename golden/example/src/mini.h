/* A miniature hypervisor: just enough to be patched while it "runs". */
#ifndef MINI_H
#define MINI_H

typedef unsigned long size_t;
typedef unsigned long uint64_t;

#define EINVAL 22
#define ENOSYS 38
#define DOMAINS 8

struct domain {
    unsigned int id;
    unsigned int flags;
    uint64_t pages;
};

extern struct domain domains[DOMAINS];

void console_write(const char *text);
size_t console_lost(void);
long do_set_flags(unsigned int domain, unsigned int flags);
long do_hypercall(unsigned int number, unsigned long a, unsigned long b);

/* A bug frame as Xen 4.17 lays it out: where, which line, which file. */
#define WARN() do {                                                      \
    asm volatile ( "1: ud2\n"                                            \
                   ".pushsection .bug_frames.1, \"a\", @progbits\n"      \
                   ".p2align 2\n"                                        \
                   "2: .long (1b - 2b) + %c[hi]\n"                       \
                   ".long (%c[file] - 2b) + %c[lo]\n"                    \
                   ".popsection\n"                                       \
                   :: [hi] "i" ((__LINE__ >> 7) << 24),                  \
                      [lo] "i" ((__LINE__ & 127) << 24),                 \
                      [file] "i" (__FILE__) );                           \
} while ( 0 )

#endif
