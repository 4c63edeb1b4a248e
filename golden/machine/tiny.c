/*
 * A tiny hypervisor for the tests of the emulated machine: it names its parts as Xen's linker script does, and has
 * one function for each thing that the machine models.
 */
typedef unsigned long u64;
typedef unsigned int u32;
typedef unsigned char u8;
typedef __builtin_va_list va_list;

#define STACK_SIZE 0x8000UL

/* struct cpu_info: 200 bytes of registers, then what belongs to the CPU; 24 bytes behind it differ by release. */
struct cpu_info {
    u64 regs[25];
    u32 processor_id;
    u32 verw_sel;
    void *current_vcpu;
    u64 per_cpu_offset;
    u64 rest[3];
};

static inline struct cpu_info *cpu_info(void)
{
    register u64 sp asm ("rsp");
    u64 last = sp | (STACK_SIZE - 1);

    return (struct cpu_info *)(last + 1) - 1;
}

/* Code that looks at the end of the stack, often enough to read its layout off. */
#define LOOK(n) void *current_ ## n(void) { return cpu_info()->current_vcpu; } \
                u64 offset_ ## n(void) { return cpu_info()->per_cpu_offset; }
LOOK(0) LOOK(1) LOOK(2) LOOK(3) LOOK(4) LOOK(5) LOOK(6) LOOK(7) LOOK(8) LOOK(9)

u32 smp_processor_id(void) { return cpu_info()->processor_id; }

u64 __per_cpu_offset[4];
__attribute__((section(".bss.percpu"))) u64 counter;

u64 count_here(void)
{
    u64 *mine = (u64 *)((char *)&counter + cpu_info()->per_cpu_offset);

    return ++*mine;
}

/* Bug frames: run_fn, warn, bug, assert. */
#define FRAME(type, line, ptr, more) asm volatile (                           \
    "1: ud2\n.pushsection .bug_frames.%c[t], \"a\", @progbits\n.p2align 2\n"  \
    "2: .long (1b - 2b) + %c[hi]\n.long (%c[p] - 2b) + %c[lo]\n" more         \
    ".popsection\n"                                                           \
    :: [t] "i" (type), [p] "i" (ptr), [hi] "i" (((line) >> 7) << 24),         \
       [lo] "i" (((line) & 127) << 24), [m] "i" ("count > 0"))

static u64 seen_rip;
static void note(u64 *regs) { seen_rip = regs[16]; }

u64 run_note(void) { FRAME(0, 0, note, ""); return seen_rip; }
int warns(int value) { FRAME(1, 1234, "common/tiny.c", ""); return value + 1; }
void bugs(void) { FRAME(2, 77, "a/path/that/is/longer/than/fifty/characters/altogether/tiny.c", ""); }
void asserts(void) { FRAME(3, 4321, "common/tiny.c", ".long 0, %c[m] - 2b\n"); }

/* A load that may fault: -14 then. The entries are in the wrong order; boot sorts them. */
int careful_load(u64 *where, u64 *into)
{
    int rc = 0;
    u64 got = 0;

    asm volatile ( "1: mov (%[w]), %[g]\n2:\n"
                   ".pushsection .fixup, \"ax\"\n3: mov $-14, %[rc]\njmp 2b\n.popsection\n"
                   ".pushsection .ex_table, \"a\"\n.long behind - ., behind - .\n.long 1b - ., 3b - .\n.popsection\n"
                   : [rc] "+r" (rc), [g] "+r" (got) : [w] "r" (where) );
    *into = got;
    return rc;
}
asm ( ".text\n.globl behind\nbehind:\nnop\nret\n" );

int *careless_load(int **where) { return *where; }

/* Printing: a formatter that knows just %d and %s, and the console behind it. */
char written[256];
static u64 at;

void __putstr(const char *text)
{
    while ( *text )
        written[at++ & 255] = *text++;
}

int vsnprintf(char *to, u64 size, const char *fmt, va_list args)
{
    u64 n = 0;

#define PUT(c) do { if ( n + 1 < size ) to[n] = (c); n++; } while ( 0 )
    for ( ; *fmt; fmt++ )
    {
        if ( *fmt != '%' )
        {
            PUT(*fmt);
            continue;
        }
        if ( *++fmt == 's' )
            for ( const char *s = __builtin_va_arg(args, const char *); *s; s++ )
                PUT(*s);
        else
        {
            char digits[12];
            int k = 0, v = __builtin_va_arg(args, int);

            if ( v < 0 )
            {
                PUT('-');
                v = -v;
            }
            do {
                digits[k++] = '0' + v % 10;
                v /= 10;
            } while ( v );
            while ( k )
                PUT(digits[--k]);
        }
    }
    to[n < size ? n : size - 1] = 0;
    return n;
}

__attribute__((noinline)) void printk(const char *fmt, ...)
{
    char buffer[128];
    va_list args;

    __builtin_va_start(args, fmt);
    vsnprintf(buffer, sizeof(buffer), fmt, args);
    __builtin_va_end(args);
    __putstr("(XEN) ");
    __putstr(buffer);
}

__attribute__((noinline)) void panic(const char *fmt, ...)
{
    printk(fmt);
    for ( ; ; )
        asm volatile ( "hlt" );
}

int greets(const char *who, int n)
{
    printk("<2>hello %s, %d %d %d %d %d %d\n", who, n, n + 1, n + 2, n + 3, n + 4, n + 5);
    return n;
}

void gives_up(int n) { panic("given up at %d\n", n); }
void spins(void) { for ( ; ; ) asm volatile ( "pause" ); }
void halts(void) { asm volatile ( "cli; hlt" ); }
u64 flags(void) { u64 f; asm volatile ( "pushf; pop %0" : "=r" (f) ); return f; }
u64 seventh(u64 a, u64 b, u64 c, u64 d, u64 e, u64 f, u64 g, u64 h) { return g * 10 + h; }

/* An alternative: 5 bytes that return 1, or, with feature 70, ones that return 2. */
int chosen(void)
{
    int which;

    asm ( "1: mov $1, %0\n2:\n"
          ".pushsection .altinstr_replacement, \"ax\"\n3: mov $2, %0\n4:\n.popsection\n"
          ".pushsection .altinstructions, \"a\"\n"
          ".long 1b - .\n.long 3b - .\n.word 70\n.byte 2b - 1b, 4b - 3b, 0, 0\n.popsection\n"
          : "=r" (which) );
    return which;
}

/* A call through a pointer, to be made direct: feature 93 stands for "always". */
static int target(void) { return 5; }
int (*pointer)(void) = target;
int through_pointer(void)
{
    int result;

    asm volatile ( "1: call *pointer(%%rip)\n2:\n"
                   ".pushsection .altinstr_replacement, \"ax\"\n3: .byte 0xe8\n.long -5\n4:\n.popsection\n"
                   ".pushsection .altinstructions, \"a\"\n"
                   ".long 1b - .\n.long 3b - .\n.word 93\n.byte 2b - 1b, 4b - 3b, 0, 0\n.popsection\n"
                   : "=a" (result) :: "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "memory" );
    return result;
}

u32 system_state;
u64 idle_vcpu[4];
struct { u8 family[12]; u32 capability[22]; } boot_cpu_data;
const char *const name_of_it = "tiny";

__attribute__((section(".init.text"), noinline)) int only_at_boot(void) { asm volatile ( "" ); return 1; }
int calls_init(void) { return only_at_boot(); }

/* What payloads of the mutants replace: as long as in Xen, and with its first bytes where they matter. */
asm ( ".text\n"
      ".globl __x86_return_thunk\n.type __x86_return_thunk, @function\n"
      "__x86_return_thunk: ret\nint3\n.size __x86_return_thunk, . - __x86_return_thunk\n"
      ".balign 16\n.globl xen_extra_version\n.type xen_extra_version, @function\n"
      "xen_extra_version: lea extra(%rip), %rax\n.byte 0xe9\n.long __x86_return_thunk - . - 4\n.size xen_extra_version, . - xen_extra_version\n"
      ".balign 16\n.globl xen_minor_version\n.type xen_minor_version, @function\n"
      "xen_minor_version: mov $17, %eax\n.byte 0xe9\n.long __x86_return_thunk - . - 4\n.size xen_minor_version, . - xen_minor_version\n"
      ".balign 16\n.globl xen_major_version\n.type xen_major_version, @function\n"
      "xen_major_version: mov $4, %eax\nret\n.size xen_major_version, . - xen_major_version\n"
      ".balign 16\n.globl xen_deny\n.type xen_deny, @function\n"
      "xen_deny: lea denied(%rip), %rax\n.byte 0xe9\n.long __x86_return_thunk - . - 4\n.size xen_deny, . - xen_deny\n"
      ".balign 16\n.globl dump_execstate\n.type dump_execstate, @function\n"
      "dump_execstate: .byte 0xf3, 0x0f, 0x1e, 0xfa\nxor %eax, %eax\nxor %ecx, %ecx\n.byte 0xe9\n.long __x86_return_thunk - . - 4\n"
      ".size dump_execstate, . - dump_execstate\n"
      ".section .rodata\nextra: .asciz \".5\"\ndenied: .asciz \"<denied>\"\n.text\n" );
