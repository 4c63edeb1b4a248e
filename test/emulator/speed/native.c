/* Runs a program of golden/speed on the processor itself: NAME TIMES ROUNDS. Prints the result, then nanoseconds of each round. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PROGRAMS(X) X(crc) X(sort) X(hash) X(product) X(chase) X(copy_rep) X(copy_loop) X(bytecode) X(recursion)
#define DECLARE(name) unsigned long name(unsigned long);
#define ROW(name) {#name, name},
PROGRAMS(DECLARE)
static const struct { const char *name; unsigned long (*run)(unsigned long); } rows[] = {PROGRAMS(ROW)};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e9 + t.tv_nsec;
}

int main(int count, char **words)
{
    if (count != 4) return 2;
    for (unsigned k = 0; k < sizeof rows / sizeof rows[0]; k++) {
        if (strcmp(rows[k].name, words[1]) != 0) continue;
        for (int round = 0; round < atoi(words[3]); round++) {
            double begin = now();
            unsigned long result = rows[k].run(strtoul(words[2], NULL, 0));
            double end = now();
            if (round == 0) printf("%lu", result);
            printf(" %.0f", end - begin);
        }
        printf("\n");
        return 0;
    }
    return 2;
}
