/*
 * One side has a note about the processor features that its instructions use (.note.gnu.property), which is loaded
 * but says nothing to running code: nothing has changed.
 *
 * variants: gcc-O2 gcc-Os-one gcc-O3-cf clang-O2-cf clang-Os-one-cf
 * orig-flags(gcc*): -Wa,-mx86-used-note=yes
 * patched-after: objcopy --remove-section .note.gnu.property @
 * expect: unchanged
 */
#include "corpus.h"

int serve(int n)
{
    printk("%d\n", n);
    return first(n);
}
