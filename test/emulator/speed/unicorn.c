/*
 * Runs code in Unicorn: PARTS ENTRY RDI RSI ROUNDS MACHINES. PARTS is a file of mapped ranges, each an address, a size,
 * permissions, a number of bytes and these bytes. Makes so many machines one after the other, and prints for each a line:
 * rax, then the nanoseconds of each round, those of the first with making the machine.
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

struct part {
    uint64_t address, size, permissions, bytes;
    void *content;
};

static int read_parts(const char *name, struct part *parts, int most)
{
    FILE *file = fopen(name, "rb");
    int count = 0;
    if (file == NULL) return -1;
    while (count < most && fread(&parts[count], 32, 1, file) == 1) {
        struct part *part = &parts[count++];
        part->content = malloc(part->bytes + 1);
        if (fread(part->content, 1, part->bytes, file) != part->bytes) return -1;
    }
    fclose(file);
    return count;
}

static void run_machine(const struct part *parts, int count, const uint64_t *call, int rounds)
{
    uint64_t result = 0, times[64];
    double begin = now();
    uc_engine *uc;
    must(uc_open(UC_ARCH_X86, UC_MODE_64, &uc), "open");
    for (const struct part *part = parts; part < parts + count; part++) {
        must(uc_mem_map(uc, part->address, part->size, part->permissions), "map");
        must(uc_mem_write(uc, part->address, part->content, part->bytes), "write");
    }
    must(uc_mem_map(uc, STACK, STACK_BYTES, UC_PROT_READ | UC_PROT_WRITE), "map");
    must(uc_mem_map(uc, RETURN, 0x1000, UC_PROT_READ | UC_PROT_EXEC), "map");
    for (int round = 0; round < rounds; round++) {
        uint64_t rsp = STACK + STACK_BYTES - 0x1008, back = RETURN;
        must(uc_mem_write(uc, rsp, &back, 8), "write");
        must(uc_reg_write(uc, UC_X86_REG_RSP, &rsp), "rsp");
        must(uc_reg_write(uc, UC_X86_REG_RDI, &call[1]), "rdi");
        must(uc_reg_write(uc, UC_X86_REG_RSI, &call[2]), "rsi");
        must(uc_emu_start(uc, call[0], RETURN, 0, 0), "run");
        must(uc_reg_read(uc, UC_X86_REG_RAX, &result), "rax");
        times[round] = now() - begin;
        begin = now();
    }
    must(uc_close(uc), "close");
    printf("%lu", (unsigned long)result);
    for (int round = 0; round < rounds; round++) printf(" %lu", (unsigned long)times[round]);
    printf("\n");
}

int main(int words, char **word)
{
    struct part parts[64];
    if (words != 7) return 2;
    int count = read_parts(word[1], parts, 64), rounds = atoi(word[5]);
    if (count < 0 || rounds < 1 || rounds > 64) return 2;
    uint64_t call[] = {strtoul(word[2], NULL, 0), strtoul(word[3], NULL, 0), strtoul(word[4], NULL, 0)};
    for (int machines = atoi(word[6]); machines > 0; machines--) run_machine(parts, count, call, rounds);
    return 0;
}
