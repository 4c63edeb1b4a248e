/* flags: -g */
#include "case.h"

struct timer {
    u64 expires;
    void *argument;
};

struct queue {
    struct queue *next;
    u32 length;
};

int overdue(const struct timer *timer)
{
    return timer->expires < now();
}

u32 length(const struct queue *queue)
{
    return queue->length;
}
