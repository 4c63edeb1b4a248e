#include "corpus.h"

const char *title = "fair";

const char *told(void)
{
    return title;
}
