#!/bin/sh
# Makes the committed objects of the corpus anew; without arguments all, else those of the rules named. Needed only
# when a source changes: the tests use what is committed. Wants gcc, clang, ld, objcopy and strip.
#
#   orig.c patched.c                  the two sides of a rule; or .S
#   orig-b.c patched-b.c, both-b.c    more files, combined with the first by `ld -r`; `both` is for both sides
#
# The first comment of orig.c says, one a line, what is made: see README.md. It is cut off before the compiler sees
# it, so that a line has one number on both sides. A variant is a compiler and words that stand for flags:
#
#   gcc-O2  clang-Os-g  gcc-O3-cf-ldr  …
#
# Objects stay as the compilers wrote them: .comment and .note.gnu.property are in every real object, so the differ
# has to get along with them. Only names of the machine are kept out (-ffile-prefix-map).
set -eu
cd "$(dirname "$0")"
CFLAGS="-m64 -std=gnu99 -fomit-frame-pointer -fno-builtin -fno-common -fvisibility=hidden -mno-red-zone -mno-sse
  -fno-stack-protector -fno-asynchronous-unwind-tables -fno-strict-aliasing -Wall -Wno-unused -I."
[ $# -gt 0 ] || set -- $(ls -d */ | tr -d /)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/common"
cp ../cases/case.h corpus.h "$work/"

# The values of a key of the first comment that hold for a variant: `key: value` and `key(glob glob): value`.
options() { # KEY VARIANT
    sed '/\*\//q' "$header" | sed -n 's/^ \* *//p' | while IFS= read -r line; do
        key=${line%%:*}
        value=${line#*: }
        case $key in
            "$1") printf '%s\n' "$value" ;;
            "$1("*")")
                globs=${key#*\(}
                set -f
                for glob in ${globs%\)}; do
                    case $2 in $glob) printf '%s\n' "$value"; break ;; esac
                done
                set +f ;;
        esac
    done
}

# What the words of a variant stand for. Left out are those that mean the usual: sections of their own, -fpic, no
# jump tables, no control-flow protection, no thunks.
variant_flags() { # VARIANT COMPILER
    flags=
    sections="-ffunction-sections -fdata-sections"
    pic=-fpic
    tables=-fno-jump-tables
    protection=-fcf-protection=none
    for word in $(echo "$1" | tr - ' '); do
        case $word in
            gcc | clang | ldr) ;;
            O2 | O3 | Os) flags="$flags -$word" ;;
            g) flags="$flags -g" ;;
            cf) protection=-fcf-protection=branch ;;
            jt) tables=-fjump-tables ;;
            one) sections= ;;
            nopic) pic="-fno-pic -mcmodel=kernel" ;;
            retp)
                if [ "$2" = gcc ]; then flags="$flags -mindirect-branch=thunk-extern -mindirect-branch-register"
                else flags="$flags -mretpoline -mretpoline-external-thunk"; fi ;;
            *) echo "$1: what is $word?" >&2; exit 1 ;;
        esac
    done
    echo "$flags $sections $pic $tables $protection"
}

compile() { # SOURCE SIDE VARIANT OUTPUT
    compiler=${3%%-*}
    other=$(options "$2-compiler" "$3")
    compiler=${other:-$compiler}
    # Under one name on both sides, so that __FILE__ is no difference.
    unit=$rule$(echo "${1%.*}" | sed 's/^[a-z]*//').${1##*.}
    if [ "$1" = "$(basename "$header")" ]; then sed '1,/\*\//d' "$rule/$1" >"$work/common/$unit"
    else cp "$rule/$1" "$work/common/$unit"; fi
    flags="$(variant_flags "$3" "$compiler") $(options flags "$3") $(options "$2-flags" "$3")"
    (cd "$work" && $compiler $CFLAGS $flags -ffile-prefix-map="$work"=. -c "common/$unit" -o "$4")
}

for rule in "$@"; do
    rule=${rule%/}
    rm -f "$rule"/*.o
    header=$(ls "$rule"/orig.[cS])
    for variant in $(options variants ''); do
        for side in orig patched; do
            units=
            for source in "$rule/$side".[cS] "$rule/$side"-*.[cS] "$rule"/both-*.[cS]; do
                [ -e "$source" ] || continue
                source=$(basename "$source")
                compile "$source" $side "$variant" "$work/${source%.*}.o"
                units="$units $work/${source%.*}.o"
            done
            [ -z "$(options $side-order "$variant")" ] ||
                units=$(for name in $(options $side-order "$variant"); do echo "$work/$name.o"; done)
            object=$rule/$variant.$side.o
            set -- $units
            case $#-$variant- in
                1-*-ldr-* | [2-9]-*) ld -r $units -o "$object" ;;
                *) cp $units "$object" ;;
            esac
            { options after "$variant"; options $side-after "$variant"; } >"$work/commands"
            while IFS= read -r command; do
                eval "$(echo "$command" | sed "s|@|$object|g")"
            done <"$work/commands"
        done
    done
done
