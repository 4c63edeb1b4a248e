/**
 * What is to be said about objects/layouts.c, whoever compiled it and in whichever version of DWARF. Read it beside
 * the source.
 */
export const EXPECTED_CHANGES = `
counter_t: size 4 -> 8
  u32 -> u64
  also changes: struct counts (size 8 -> 16)
enum state: size 4, as before
  STATE_ON: 1 -> 2
  STATE_LOST: gone, was 2
enum wide: size 8, as before
  WIDE_HIGH: 9223372036854775809 -> 9223372036854775810
nameless_t: size 8 -> 12
  b: byte 4 -> byte 8
  more: new, u32 (4 bytes) at byte 4
  also changes: struct has_nameless_t (size 12 -> 16)
struct aimed: size 8, as before
  at: struct far * (8 bytes) at byte 0 -> struct node * (8 bytes) at byte 0
struct array_grew: size 24 -> 32
  slots: u32[4] (16 bytes) at byte 4 -> u32[6] (24 bytes) at byte 4
  tail: byte 20 -> byte 28
struct bits: size 16, as before
  e: gone, was u64 at byte 12 bit 1, 7 bits
  b: byte 0 bit 3, 5 bits -> byte 0 bit 3, 7 bits
  c: byte 1 bit 0, 4 bits -> byte 1 bit 2, 4 bits
struct called_only: size 4 -> 8
  b: new, u32 (4 bytes) at byte 4
struct cast_only: size 8 -> 12
  c: byte 4 -> byte 8
  b: new, u32 (4 bytes) at byte 4
struct far: size 4 -> 8
  b: new, u32 (4 bytes) at byte 4
struct flexible: size 4 -> 8
  tail: byte 4 -> byte 8
  m: new, u32 (4 bytes) at byte 4
struct grid_turned: size 24, as before
  cells: u32[2][3] (24 bytes) at byte 0 -> u32[3][2] (24 bytes) at byte 0
struct inlined_only: size 8 -> 12
  c: byte 4 -> byte 8
  b: new, u32 (4 bytes) at byte 4
struct inner: size 8 -> 16
  y: new, u64 (8 bytes) at byte 8
  also changes: outermost_t (size 56 -> 72)
  also changes: struct contains_typedef (size 64 -> 80)
  also changes: struct outer (size 24 -> 32)
  also changes: struct outermost (size 56 -> 72)
struct inserted: size 16 -> 24
  b: byte 8 -> byte 16
  extra: new, u64 (8 bytes) at byte 8
struct local of use_local(): size 8 -> 16
  b: new, u64 (8 bytes) at byte 8
struct nameless: size 40 -> 56
  high: u8 (1 byte) at byte 5 -> u32 (4 bytes) at byte 8
  pos: byte 8 -> byte 12
  pos.y: byte 4 -> byte 8
  pos.w: new, u32 (4 bytes) at byte 4
  list: byte 16 -> byte 24
  list[].last: byte 1 -> byte 2
  list[].middle: new, u8 (1 byte) at byte 1
  behind: byte 24 -> byte 40
  behind->added: new, u8 (1 byte) at byte 1
  side: byte 32 -> byte 48
  RIGHT: 1 -> 2
struct node: size 16 -> 24
  value: byte 8 -> byte 16
  weight: new, u64 (8 bytes) at byte 8
struct ops: size 16, as before
  run: u32 (*)(struct ops *, u32) (8 bytes) at byte 0 -> u32 (*)(struct ops *, u32, u64) (8 bytes) at byte 0
struct padded: size 16, as before
  in_gap: new, u32 (4 bytes) at byte 4, in former padding
struct shrunk: size 12 -> 8
  gone: gone, was u32 (4 bytes) at byte 4
  b: byte 8 -> byte 4
struct signs: size 4, as before
  a: int (4 bytes) at byte 0 -> unsigned int (4 bytes) at byte 0
struct spread: size 4 -> 16
struct squeezed: size 8 -> 5
  b: byte 4 -> byte 1
struct swapped: size 16, as before
  b: byte 8 -> byte 0
  a: byte 0 -> byte 8
union kind: size 8 -> 4
  struct kind -> union kind
union overlay: size 4 -> 8
  value: u32 (4 bytes) at byte 0 -> u64 (8 bytes) at byte 0
`
  .trim()
  .split('\n');

/** Of layouts.c: the function of each of these leads to the type by its own debug information, and no other does. */
export const EXPECTED_USERS: Readonly<Record<string, readonly string[]>> = {
  'struct inserted': ['use_inserted'],
  'struct inlined_only': ['use_by_inlining'],
  'struct called_only': ['use_by_calling'],
  'struct cast_only': [],
  'struct local of use_local()': ['use_local'],
  'struct far': ['use_near_one'],
  'struct inner': ['use_contains_typedef'],
  nameless_t: ['use_has_nameless_t', 'use_nameless_t'],
  'enum state': ['use_has_state'],
};
