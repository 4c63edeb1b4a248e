#include "corpus.h"

const char *first_slot(void)
{
    return "0000:00:1f.4";
}

const char *second_slot(void)
{
    return "Mar 32 bits";
}
