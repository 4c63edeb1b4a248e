/*
 * A second source for files of several units: types that bear names of layouts.c and mean something else, and
 * one that only this source changes.
 */
#ifdef PATCHED
#define NEW(...) __VA_ARGS__
#else
#define NEW(...)
#endif

struct inserted { char text[3]; };
struct constant { char text[5]; };
struct elsewhere { int a; NEW(int b;) };
struct renamed;

int use_other(struct inserted *p, struct constant *q) { return p->text[2] + q->text[4]; }
int use_elsewhere(struct elsewhere *p, struct renamed *q) { return p->a + (q != 0); }
static int use_inserted_quietly(struct inserted *p) { return p->text[1]; }
int (*quiet)(struct inserted *) = use_inserted_quietly;
