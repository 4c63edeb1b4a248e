#include "corpus.h"

typedef int vector __attribute__((vector_size(16)));

vector step(vector v)
{
    return v + (vector){ 1, 2, 3, 5 };
}

vector stride(vector v)
{
    return v + (vector){ 10, 20, 30, 40 };
}
