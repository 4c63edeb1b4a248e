/* flags: -g */
#include "case.h"

struct timer {
    u64 expires;
    u32 cpu;
    void (*function)(void *);
    void *argument;
};

struct queue {
    struct queue *next;
    struct timer timer;
    u32 length;
};

int overdue(const struct queue *queue)
{
    return queue->timer.expires < now() && queue->length > 1;
}
