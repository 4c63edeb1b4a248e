#include "case.h"

extern void not_linked(void);

void caller(void)
{
    lock();
    not_linked();
}
