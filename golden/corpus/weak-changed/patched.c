#include "corpus.h"

extern int absent(int n) __attribute__((weak, visibility("default")));
extern int rare(int n) __attribute__((weak, visibility("default")));

__attribute__((weak)) int fallback(int n)
{
    return first(n) + 5;
}

int serve(int n)
{
    return absent ? absent(n) : fallback(n);
}

int last(int n)
{
    return rare ? rare(n) : second(n);
}
