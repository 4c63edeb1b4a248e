#!/bin/sh
# Makes tiny-xen anew. Only needed when tiny.c changes; the tests work with the committed file.
set -eu
cd "$(dirname "$0")"
CFLAGS="-m64 -O2 -std=gnu99 -fomit-frame-pointer -fno-builtin -fno-common -fpic -fvisibility=hidden -mno-red-zone
  -fno-stack-protector -fno-asynchronous-unwind-tables -fno-jump-tables -fcf-protection=none -mno-sse
  -fno-tree-loop-distribute-patterns -w"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
gcc $CFLAGS -c tiny.c -o "$work/tiny.o"
objcopy --redefine-sym "tiny.c=common/tiny.c" "$work/tiny.o"
ld -N -T tiny.lds --build-id=sha1 -o tiny-xen "$work/tiny.o"
