#include "case.h"

int limit = 4;
