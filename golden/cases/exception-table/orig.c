#include "case.h"

int first(int *p)
{
    int value, error = 0;
    READ_SAFE(value, error, p);
    return error ? error : value;
}

int changed(long *p)
{
    long value;
    int error = 0;
    READ_SAFE(value, error, p);
    return error ? error : value;
}

int last(int *p)
{
    int value, error = 0;
    READ_SAFE(value, error, p + 1);
    return error ? error : value + 1;
}
