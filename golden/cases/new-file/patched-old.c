#include "case.h"
extern void from_new_file(void);
void entry(void)
{
    lock();
    from_new_file();
}
