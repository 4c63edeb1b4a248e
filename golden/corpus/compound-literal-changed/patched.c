#include "corpus.h"

void told(void)
{
    int steps[9] = { 2, 7, 1, 8, 2, 8, 1, 8, 3 };

    use(steps);
}

void other(void)
{
    int steps[9] = { 3, 1, 4, 1, 5, 9, 2, 6, 5 };

    use(steps);
}
