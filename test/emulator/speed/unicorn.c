/*
 * Runs code in Unicorn: PARTS ENTRY RDI ROUNDS [RSI]. PARTS is a file of mapped ranges, each an address, a size,
 * permissions, a number of bytes and these bytes. Prints for each round rax and nanoseconds, those of the first with making the machine.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unicorn/unicorn.h>

#define STACK 0x70000000ul
#define STACK_BYTES 0x100000ul
#define RETURN 0x71000000ul

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e9 + t.tv_nsec;
}

static void must(uc_err error, const char *what)
{
    if (error == UC_ERR_OK) return;
    fprintf(stderr, "%s: %s\n", what, uc_strerror(error));
    exit(1);
}

int main(int count, char **words)
{
    if (count < 5) return 2;
    uint64_t entry = strtoul(words[2], NULL, 0), head[4], result, rsi = count > 5 ? strtoul(words[5], NULL, 0) : 0;
    double begin = now();
    uc_engine *uc;
    must(uc_open(UC_ARCH_X86, UC_MODE_64, &uc), "open");
    FILE *parts = fopen(words[1], "rb");
    if (parts == NULL) return 2;
    while (fread(head, sizeof head, 1, parts) == 1) {
        void *bytes = malloc(head[3] + 1);
        if (fread(bytes, 1, head[3], parts) != head[3]) return 2;
        must(uc_mem_map(uc, head[0], head[1], head[2]), "map");
        must(uc_mem_write(uc, head[0], bytes, head[3]), "write");
        free(bytes);
    }
    must(uc_mem_map(uc, STACK, STACK_BYTES, UC_PROT_READ | UC_PROT_WRITE), "map");
    must(uc_mem_map(uc, RETURN, 0x1000, UC_PROT_READ | UC_PROT_EXEC), "map");
    for (int round = atoi(words[4]); round > 0; round--) {
        uint64_t rdi = strtoul(words[3], NULL, 0), rsp = STACK + STACK_BYTES - 0x1008, back = RETURN;
        must(uc_mem_write(uc, rsp, &back, 8), "write");
        must(uc_reg_write(uc, UC_X86_REG_RSP, &rsp), "rsp");
        must(uc_reg_write(uc, UC_X86_REG_RDI, &rdi), "rdi");
        must(uc_reg_write(uc, UC_X86_REG_RSI, &rsi), "rsi");
        must(uc_emu_start(uc, entry, RETURN, 0, 0), "run");
        must(uc_reg_read(uc, UC_X86_REG_RAX, &result), "rax");
        printf("%lu %.0f\n", (unsigned long)result, now() - begin);
        begin = now();
    }
    return 0;
}
