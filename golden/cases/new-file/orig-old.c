#include "case.h"
void entry(void)
{
    lock();
}
