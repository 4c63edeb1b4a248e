#include "case.h"
/* For the generic target .bug_frames are ordinary constants, and so is everything else. */
void changed(int x)
{
    if (x > 3)
        WARN();
}
