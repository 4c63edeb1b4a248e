#!/bin/sh
# Makes the committed objects and images of the cases anew; without arguments all, else those named. Needed only
# when a source changes: the tests use what is committed. gcc (or what a source asks for), as, ld, objcopy.
#
#   orig.c patched.c          one pair; the object is common/CASE.o, its source common/CASE.c
#   orig-x.c patched-x.c      several pairs: common/CASE-x.o; a side may be missing
#   image                     linked from the original objects and stubs.S; `no-image` in the case leaves it out, and
#                             an object whose source begins with `/* unlinked:` is left out of it; the linker script
#                             of the case, image.lds, if it has one, else case.lds
#
# The first line of a source may hold `flags: ...` (added to those below), `compiler: clang`, and `source: NAME` when
# it goes by the name of another case.
set -eu
cd "$(dirname "$0")"
CFLAGS="-m64 -O2 -std=gnu99 -fomit-frame-pointer -fno-builtin -fno-common -fpic -fvisibility=hidden -mno-red-zone
  -fno-stack-protector -fno-asynchronous-unwind-tables -ffunction-sections -fdata-sections -fno-jump-tables
  -fcf-protection=none -Wall -Wno-unused -I."
[ $# -gt 0 ] || set -- $(ls -d */ | tr -d /)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/common"
cp case.h ../../src/xen/xsplice-hooks.h "$work/"
gcc -c stubs.S -o "$work/stubs.o"
strip_needless() {
    objcopy --remove-section=.comment --remove-section=.note.gnu.property "$1"
}
for name in "$@"; do
    name=${name%/}
    cd "$name"
    rm -f ./*.o image
    for source in orig*.[cS] patched*.[cS]; do
        [ -e "$source" ] || continue
        unit=${source%.*}
        suffix=${unit#orig}
        suffix=${suffix#patched}
        flags=$(sed -n '1s/.*flags: *\([^*]*\).*/\1/p' "$source")
        compiler=$(sed -n '1s/.*compiler: *\([a-z]*\).*/\1/p' "$source")
        alias=$(sed -n '1s/.*source: *\([^ ]*\).*/\1/p' "$source")
        file=${alias:-$name$suffix}.${source##*.}
        # Both sides under one name, so that __FILE__ is no difference.
        cp "$source" "$work/common/$file"
        (cd "$work" && ${compiler:-gcc} $CFLAGS $flags -c "common/$file" -o unit.o)
        objcopy --redefine-sym "$file=common/$file" "$work/unit.o" "$unit.o"
        strip_needless "$unit.o"
    done
    if [ ! -e no-image ] && ls orig*.o >/dev/null 2>&1; then
        extra=
        if [ -e image-only.S ]; then gcc -c image-only.S -o "$work/extra.o"; extra="$work/extra.o"; fi
        # Under the names that they have in a tree: the linker names the locals of assembled ones after them.
        originals=
        for object in orig*.o; do
            ! grep -qs '^/[*] unlinked:' "${object%.o}.c" || continue
            suffix=${object%.o}
            mkdir -p "$work/linked"
            cp "$object" "$work/linked/$name${suffix#orig}.o"
            originals="$originals $work/linked/$name${suffix#orig}.o"
        done
        script=../case.lds
        [ ! -e image.lds ] || script=image.lds
        ld -N --no-relax -z noexecstack --no-warn-rwx-segments -T $script --build-id=sha1 -o image $originals $extra "$work/stubs.o"
    fi
    cd ..
done
