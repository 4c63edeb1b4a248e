/*
 * What the emulator is timed with: small programs of the kinds that kernels are made of, each a function of how
 * often it is to be done, giving a number that depends on all that it did. No library, no vectors, no system calls.
 */
typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long u64;

static u32 crc_table[256];
static u8 text[1 << 16];
static u32 numbers[1 << 12];
static struct node { struct node *next; u64 value; } nodes[1 << 15];
static u64 from[1 << 13], to[1 << 13];

static u64 seed;

static u32 pick(void)
{
    seed = seed * 6364136223846793005ul + 1442695040888963407ul;
    return seed >> 33;
}

/* CRC-32 by a table, a byte at a time. */
u64 crc(u64 times)
{
    for (u32 k = 0; k < 256; k++) {
        u32 word = k;
        for (int bit = 0; bit < 8; bit++) word = word & 1 ? (word >> 1) ^ 0xedb88320u : word >> 1;
        crc_table[k] = word;
    }
    for (u32 k = 0; k < sizeof text; k++) text[k] = k * 7 + (k >> 8);
    u32 sum = ~0u;
    while (times--)
        for (u32 k = 0; k < sizeof text; k++) sum = (sum >> 8) ^ crc_table[(sum ^ text[k]) & 0xff];
    return ~sum;
}

static void quicksort(u32 *low, u32 *high)
{
    while (high - low > 8) {
        u32 pivot = low[(high - low) / 2], *left = low, *right = high;
        while (left <= right) {
            while (*left < pivot) left++;
            while (*right > pivot) right--;
            if (left <= right) {
                u32 kept = *left;
                *left++ = *right;
                *right-- = kept;
            }
        }
        quicksort(low, right);
        low = left;
    }
    for (u32 *at = low + 1; at <= high; at++) {
        u32 kept = *at, *hole = at;
        for (; hole > low && hole[-1] > kept; hole--) *hole = hole[-1];
        *hole = kept;
    }
}

/* Quicksort with insertion at its end, of random numbers. */
u64 sort(u64 times)
{
    u64 sum = 0;
    seed = 1;
    while (times--) {
        for (u32 k = 0; k < 4096; k++) numbers[k] = pick();
        quicksort(numbers, numbers + 4095);
        for (u32 k = 0; k < 4096; k++) sum = sum * 31 + numbers[k];
    }
    return sum;
}

/* A hash of 64 bits: multiplications, rotations, exclusive or. */
u64 hash(u64 times)
{
    u64 a = 0x9e3779b97f4a7c15ul, b = 0xc2b2ae3d27d4eb4ful;
    for (u64 k = 0; k < times; k++) {
        u64 x = k * 0x87c37b91114253d5ul;
        x = (x << 31) | (x >> 33);
        a ^= x * 0x4cf5ad432745937ful;
        a = ((a << 27) | (a >> 37)) + b;
        a = a * 5 + 0x52dce729;
        b ^= a * x;
        b ^= b >> 29;
    }
    return a ^ b;
}

/* Another, by products of 128 bits. */
u64 product(u64 times)
{
    u64 a = 0x9e3779b97f4a7c15ul, b = 0xc2b2ae3d27d4eb4ful;
    for (u64 k = 0; k < times; k++) {
        unsigned __int128 wide = (unsigned __int128)(a ^ k) * (b ^ 0x87c37b91114253d5ul);
        a += (u64)wide;
        b ^= (u64)(wide >> 64);
        b = (b << 23) | (b >> 41);
    }
    return a ^ b;
}

/* Steps through a list in random order. */
u64 chase(u64 times)
{
    u32 count = sizeof nodes / sizeof nodes[0];
    seed = 3;
    for (u32 k = 0; k < count; k++) nodes[k].value = k;
    for (u32 k = count - 1; k > 0; k--) {
        u32 other = pick() % k;
        u64 kept = nodes[k].value;
        nodes[k].value = nodes[other].value;
        nodes[other].value = kept;
    }
    for (u32 k = 0; k < count; k++) nodes[k].next = &nodes[nodes[k].value];
    u64 sum = 0;
    struct node *at = nodes;
    while (times--) {
        sum += at->value;
        at = at->next;
    }
    return sum;
}

/* Copies and fills by string instructions. */
u64 copy_rep(u64 times)
{
    for (u64 k = 0; k < times; k++) {
        void *source = from, *target = to;
        u64 count = sizeof from;
        from[k & 8191] = k;
        __asm__ volatile("rep movsb" : "+S"(source), "+D"(target), "+c"(count) : : "memory");
        target = from;
        count = sizeof from / 8;
        __asm__ volatile("rep stosq" : "+D"(target), "+c"(count) : "a"(to[(k * 7) & 8191] + 1) : "memory");
    }
    return to[times & 8191] + from[1];
}

/* The same by loops. */
u64 copy_loop(u64 times)
{
    for (u64 k = 0; k < times; k++) {
        from[k & 8191] = k;
        for (u32 i = 0; i < sizeof from; i++) ((volatile u8 *)to)[i] = ((volatile u8 *)from)[i];
        for (u32 i = 0; i < 8192; i++) ((volatile u64 *)from)[i] = to[(k * 7) & 8191] + 1;
    }
    return to[times & 8191] + from[1];
}

enum { PUSH, ADD, SUB, MUL, XOR, SWAP, DUP, LOAD, STORE, BRANCH, DROP, END };

/* for (i = n; i != 0; i--) { x = (x * 31 + i) ^ y; y = x - y; } */
static const signed char machine_code[] = {
    LOAD, 1, PUSH, 31, MUL, LOAD, 0, ADD, LOAD, 2, XOR, DUP, STORE, 1, LOAD, 2, SUB, STORE, 2,
    LOAD, 0, PUSH, 1, SUB, DUP, STORE, 0, BRANCH, -28, END,
};

/* A stack machine, whose instructions are indirect jumps. */
u64 bytecode(u64 times)
{
    static const void *const labels[] = {&&push, &&add, &&sub, &&mul, &&xor, &&swap, &&dup, &&load, &&store, &&branch, &&drop, &&end};
    u64 stack[16], variables[4] = {times, 1, 2, 3}, *top = stack, kept;
    const signed char *at = machine_code;
#define NEXT goto *labels[(u8)*at++]
    NEXT;
push: *top++ = *at++; NEXT;
add: top--; top[-1] += *top; NEXT;
sub: top--; top[-1] -= *top; NEXT;
mul: top--; top[-1] *= *top; NEXT;
xor: top--; top[-1] ^= *top; NEXT;
swap: kept = top[-1]; top[-1] = top[-2]; top[-2] = kept; NEXT;
dup: *top = top[-1]; top++; NEXT;
load: *top++ = variables[(u8)*at++]; NEXT;
store: variables[(u8)*at++] = *--top; NEXT;
branch: at += *--top ? *at : 1; NEXT;
drop: top--; NEXT;
end: return variables[1] + variables[2];
}

static __attribute__((noinline)) u64 ackermann(u64 m, u64 n)
{
    if (m == 0) return n + 1;
    if (n == 0) return ackermann(m - 1, 1);
    return ackermann(m - 1, ackermann(m, n - 1));
}

static __attribute__((noinline)) u64 fibonacci(u64 n)
{
    return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

/* Deep and wide recursion. */
u64 recursion(u64 times)
{
    u64 sum = 0;
    while (times--) sum += fibonacci(20) + ackermann(2, 200);
    return sum;
}
