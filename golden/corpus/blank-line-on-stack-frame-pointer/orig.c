/*
 * A blank line moves a line number that goes over the stack in functions with a frame pointer, as a debug build of Xen
 * has them: nothing has changed. Where a variable is read by the frame pointer between the line and the call, it might
 * be the line for all that is known, so that the function counts as changed, which loses nothing.
 *
 * variants: gcc-O2 gcc-Os gcc-O2-one clang-O2 clang-Os
 * flags: -fno-omit-frame-pointer
 * expect: unchanged
 * expect(gcc-Os): changed reader
 */
#include "corpus.h"

void serve(int a, int b, int c, int d)
{
    printk("%d %d %d %d in %s at %s:%d\n", a, b, c, d, __func__, __FILE__, __LINE__);
    use(&a);
}

void reader(int a, int b, int c, int d)
{
    int volatile seen = a;

    use((const void *)&seen);
    printk("%d %d %d %d in %s at %s:%d\n", seen, b, c, d, __func__, __FILE__, __LINE__);
}
