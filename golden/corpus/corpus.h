/*
 * What the rules of the corpus share, beside the functions and macros of ../cases/case.h: the marks that Xen puts on
 * its boot code and data, and functions that are not defined in the object.
 */
#ifndef CORPUS_H
#define CORPUS_H

#include "case.h"

#define __init section(".init.text")
#define __initdata section(".init.data")
#define per_cpu section(".bss.percpu")
#define read_mostly section(".data.read_mostly")
#define unlikely(condition) __builtin_expect(!!(condition), 0)

/* `printk` here, but the compiler takes calls of it for improbable and moves them to the cold part. */
extern void complain(const char *format, ...) cold;
extern void use(const void *pointer);
extern int first(int n);
extern int second(int n);

#endif
