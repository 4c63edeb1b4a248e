#include "case.h"

static noinline int a_name_that_grows_a_name_that_grows_a_name_that_grows_a_name_that_grows_a_name_that_grows_a_name_that_grows_a_name_that_grows_(int n)
{
    lock();
    return n + 1;
}

int caller(int n)
{
    return a_name_that_grows_a_name_that_grows_a_name_that_grows_a_name_that_grows_a_name_that_grows_a_name_that_grows_a_name_that_grows_(n) + a_name_that_grows_a_name_that_grows_a_name_that_grows_a_name_that_grows_a_name_that_grows_a_name_that_grows_a_name_that_grows_(n + 1);
}
