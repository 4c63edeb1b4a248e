/*
 * Types that lie differently in memory when PATCHED is defined, each with a function that uses it and is named
 * after it. make.sh compiles this with both compilers and both versions of DWARF.
 */
#ifdef PATCHED
#define OLD(...)
#define NEW(...) __VA_ARGS__
#else
#define OLD(...) __VA_ARGS__
#define NEW(...)
#endif

typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef u32 u32_row[3];

#define USE_MEMBER(kind, name, member) \
    u64 use_##name(kind name *p) { return (u64)(p->member); }

/* What changes. */

struct inserted { u64 a; NEW(u64 extra;) u64 b; };
USE_MEMBER(struct, inserted, b)

struct padded { u32 a; NEW(u32 in_gap;) u64 b; };
USE_MEMBER(struct, padded, b)

struct swapped { OLD(u64 a;) u64 b; NEW(u64 a;) };
USE_MEMBER(struct, swapped, a)

struct shrunk { u32 a; OLD(u32 gone;) u32 b; };
USE_MEMBER(struct, shrunk, b)

struct array_grew { u32 head; u32 slots[OLD(4) NEW(6)]; u32 tail; };
USE_MEMBER(struct, array_grew, tail)

struct grid_turned { u32 cells[OLD(2][3) NEW(3][2)]; };
USE_MEMBER(struct, grid_turned, cells[1][1])

struct bits { u32 a : 3; u32 b : OLD(5) NEW(7); u32 c : 4; u32 whole; u64 d : 33; OLD(u64 e : 7;) };
USE_MEMBER(struct, bits, b)

union overlay { u32 word; OLD(u32) NEW(u64) value; };
USE_MEMBER(union, overlay, value)

struct inner { u64 x; NEW(u64 y;) };
struct outer { u32 head; struct inner in; u32 tail; };
struct outermost { u32 count; struct outer pair[2]; };
typedef struct outermost outermost_t;
struct contains_typedef { outermost_t whole; u32 after; };
USE_MEMBER(struct, contains_typedef, after)

struct far { u32 a; NEW(u32 b;) };
struct near_one { struct far *far; };
USE_MEMBER(struct, near_one, far != 0)

struct nameless {
    u32 kind;
    union {
        u32 word;
        struct { u8 low; OLD(u8) NEW(u32) high; };
    };
    struct { u32 x; NEW(u32 w;) u32 y; } pos;
    struct { u8 first; NEW(u8 middle;) u8 last; } list[4];
    struct { u8 hidden; NEW(u8 added;) } *behind;
    enum { LEFT, OLD(RIGHT) NEW(MIDDLE, RIGHT) } side;
};
USE_MEMBER(struct, nameless, pos.y)

typedef struct { u32 a; NEW(u32 more;) u32 b; } nameless_t;
USE_MEMBER(, nameless_t, b)
struct has_nameless_t { nameless_t in; u32 after; };
USE_MEMBER(struct, has_nameless_t, after)

typedef OLD(u32) NEW(u64) counter_t;
struct counts { counter_t n; u32 after; };
USE_MEMBER(struct, counts, after)

enum state { STATE_OFF, NEW(STATE_WAKING,) STATE_ON, OLD(STATE_LOST) };
struct has_state { enum state state; };
USE_MEMBER(struct, has_state, state)

enum wide { WIDE_LOW = 1, WIDE_HIGH = OLD(0x8000000000000001) NEW(0x8000000000000002) };
u64 use_wide(enum wide *p) { return *p; }

struct ops { u32 (*run)(struct ops *, u32 NEW(, u64)); u32 (*stop)(void); };
u64 use_ops(struct ops *p) { return p->stop(); }

struct flexible { u32 n; NEW(u32 m;) u32 tail[]; };
USE_MEMBER(struct, flexible, tail[0])

struct node { struct node *next; NEW(u64 weight;) u32 value; };
USE_MEMBER(struct, node, next->value)

struct aimed { OLD(struct far) NEW(struct node) *at; };
USE_MEMBER(struct, aimed, at != 0)

struct signs { OLD(signed) NEW(unsigned) int a; };
USE_MEMBER(struct, signs, a)

OLD(struct) NEW(union) kind { u32 a; u32 b; };
u64 use_kind(OLD(struct) NEW(union) kind *p) { return p->b; }

struct spread { u32 a; } NEW(__attribute__((aligned(16))));
USE_MEMBER(struct, spread, a)

struct squeezed { u8 a; u32 b; } NEW(__attribute__((packed)));
USE_MEMBER(struct, squeezed, b)

/* How a function comes to use what changes. */

struct inlined_only { u32 a; NEW(u32 b;) u32 c; };
static inline u64 inlined(void *p) { struct inlined_only *q = p; return q->c; }
u64 use_by_inlining(void *p) { return inlined(p); }

struct called_only { u32 a; NEW(u32 b;) };
extern u64 callee(struct called_only *p);
u64 use_by_calling(void *p) { return callee(p); }

struct cast_only { u32 a; NEW(u32 b;) u32 c; };
u64 use_by_cast(void *p) { return ((struct cast_only *)p)->c; }

u64 use_local(u64 n)
{
    struct local { u64 a; NEW(u64 b;) };
    static struct local kept;
    return kept.a += n;
}

/* What does not change. */

struct qualified { OLD(u32) NEW(const volatile u32) a; OLD(u32 *) NEW(const u32 *const) b; };
USE_MEMBER(struct, qualified, a)

struct renamed { u32 OLD(before) NEW(after); u32 b : 4, OLD(c) NEW(d) : 4; };
USE_MEMBER(struct, renamed, b)

struct respelt { OLD(unsigned int) NEW(u32) a; OLD(u32 b[2][3];) NEW(u32_row b[2];) u32 none[OLD(0)]; };
USE_MEMBER(struct, respelt, a)

struct regrouped { u32 a; OLD(u32 b; u32 c;) NEW(union { u32 b; }; struct { u32 c; };) };
USE_MEMBER(struct, regrouped, c)

enum grows { GROWS_A, GROWS_B, NEW(GROWS_C,) };
u64 use_grows(enum grows *p) { return *p; }

enum reworded { REWORDED_A, OLD(REWORDED_B) NEW(REWORDED_C) };
u64 use_reworded(enum reworded *p) { return *p; }

struct opaque_before OLD(;) NEW({ u32 a; };)
struct opaque_after OLD({ u32 a; };) NEW(;)
u64 use_opaque(struct opaque_before *p, struct opaque_after *q) { return p != 0 && q != 0; }

NEW(struct novel { u32 a; }; USE_MEMBER(struct, novel, a))

struct constant { u32 a; u64 b; u8 c[3]; struct constant *next; struct { u8 d : 1; } e; };
USE_MEMBER(struct, constant, b)
