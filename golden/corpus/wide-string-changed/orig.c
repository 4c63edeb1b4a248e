/*
 * One letter of a string of 16-bit characters changes, and one of 32 bits in another function: both functions have
 * changed, those whose strings only moved have not.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3-ldr clang-O2 clang-Os-one
 * flags: -std=gnu11
 * expect: changed narrow wide
 */
#include "corpus.h"

void narrow(void)
{
    use(u"Boot");
}

void wide(void)
{
    use(U"Disk");
}

void both(void)
{
    use(u"Option");
    use(U"Option");
}
