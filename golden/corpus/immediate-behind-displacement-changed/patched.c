#include "corpus.h"

int level;
short share;
char mark;

void narrow(void)
{
    mark = 8;
}

void middling(void)
{
    share = 0x4421;
}

void wide(void)
{
    level = 0x64321;
}

void all(void)
{
    mark = 9;
    share = 0x4321;
    level = 0x54321;
}
