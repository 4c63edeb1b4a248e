#include "mini.h"

static char ring[256];
static size_t head;
static size_t lost;

void console_write(const char *text)
{
    for ( ; *text; text++ )
    {
        if ( head == sizeof(ring) )
        {
            lost++;
            return;
        }
        ring[head++] = *text;
    }
}

size_t console_lost(void)
{
    return lost;
}
