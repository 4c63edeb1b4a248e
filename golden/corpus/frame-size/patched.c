#include "corpus.h"

extern void fill(char *buffer);

void serve(void)
{
    char buffer[96];

    fill(buffer);
}

void last(void)
{
    char buffer[64];

    fill(buffer);
    fill(buffer + 1);
}
