#!/bin/sh
# Makes the programs that the emulator is timed with. What is committed was made by gcc 12.2 and ld 2.40.
set -e
cd "$(dirname "$0")"
gcc -O2 -mgeneral-regs-only -ffreestanding -fno-pic -fno-stack-protector -fcf-protection=none \
    -fno-asynchronous-unwind-tables -fno-tree-loop-distribute-patterns -fno-optimize-sibling-calls \
    -Wall -Wextra -static -nostdlib -no-pie -Wl,-Ttext=0x401000,-Tdata=0x404000,--build-id=none,-z,noexecstack,-e,crc \
    -o programs programs.c
strip --remove-section=.comment programs -o programs.stripped --strip-debug
mv programs.stripped programs
