#!/bin/sh
# Makes the committed objects of the example anew: orig/ and patched/ from src/ and fix.patch, mini-syms from
# orig/. Only needed when the example changes; everything else works with the committed files.
set -eu
cd "$(dirname "$0")"
CFLAGS="-m64 -O2 -std=gnu99 -fomit-frame-pointer -fno-builtin -fno-common -fpic -fvisibility=hidden -mno-red-zone
  -fno-stack-protector -fno-asynchronous-unwind-tables -ffunction-sections -fdata-sections -fno-jump-tables
  -fcf-protection=none -Wall -Wno-pedantic"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r src "$work/"
build() {
    for unit in console hypercall; do
        (cd "$work/src" && gcc $CFLAGS -c "$unit.c" -o "../$unit.o")
        objcopy --redefine-sym "$unit.c=src/$unit.c" "$work/$unit.o" "$1/$unit.o"
    done
}
build orig
(cd "$work" && patch -s -p1) < fix.patch
build patched
ld -N -T mini.lds --build-id=sha1 -o mini-syms orig/console.o orig/hypercall.o
