#include "case.h"

static char command[16] used section(".init.data") = "after";

int init_user(int n);
int section(".init.text") init_user(int n)
{
    return command[n];
}
