#!/bin/sh
# Makes the committed objects anew; needed only when a source changes. gcc, clang, ld, objcopy.
#
#   layouts-COMPILER-VERSION-SIDE.o   layouts.c
#   units-COMPILER-SIDE.o             layouts.c and other.c in one file
#   types-VERSION-SIDE.o              layouts.c with units of types (-fdebug-types-section)
#   packed-SIDE.o                     layouts.c with compressed sections
#   not-understood-WHY.o              other.c in forms that the reader does not know
set -eu
cd "$(dirname "$0")"
rm -f ./*.o
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
compile() { # compiler, source, object, flags...
    compiler=$1 source=$2 object=$3
    shift 3
    "$compiler" -m64 -O2 -std=gnu99 -ffreestanding -fno-asynchronous-unwind-tables -fcf-protection=none -Wall \
        -Wno-unused-value "-ffile-prefix-map=$PWD=." "$@" -c "$source" -o "$object"
    objcopy --remove-section=.comment --remove-section=.note.GNU-stack --remove-section=.llvm_addrsig "$object"
}
for side in orig patched; do
    define=
    [ $side = orig ] || define=-DPATCHED
    for compiler in gcc clang; do
        for version in 4 5; do
            compile $compiler layouts.c layouts-$compiler-$version-$side.o -gdwarf-$version $define
        done
        compile $compiler other.c "$work/other.o" -gdwarf-5 $define
        ld -r -o units-$compiler-$side.o "$work/other.o" layouts-$compiler-5-$side.o
    done
    for version in 4 5; do
        compile gcc layouts.c types-$version-$side.o -gdwarf-$version -fdebug-types-section $define
    done
    compile gcc layouts.c packed-$side.o -gdwarf-5 -gz=zlib $define
done
compile gcc other.c not-understood-version-3.o -gdwarf-3 -gstrict-dwarf
compile gcc other.c not-understood-64-bit.o -gdwarf-5 -gdwarf64
# The object names the file with the other half, so it must not lie anywhere.
cp other.c "$work/"
(cd "$work" && compile gcc other.c split.o -gdwarf-5 -gsplit-dwarf)
cp "$work/split.o" not-understood-split.o
compile gcc other.c not-there.o -g0
