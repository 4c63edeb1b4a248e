#include "corpus.h"

void narrow(void)
{
    use(u"Boat");
}

void wide(void)
{
    use(U"Disc");
}

void both(void)
{
    use(u"Option");
    use(U"Option");
}
