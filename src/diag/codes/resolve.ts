/** XS4xx and XS5xx: binding symbols, relocating, laying out and writing the payload. */
import type { CodeEntry } from '../codes.js';

export const RESOLVE_CODES = {
  XS401: {
    severity: 'error',
    title: 'symbol not found in the running hypervisor',
    text: 'The payload refers to a symbol, or replaces a function, that the image (xen-syms) does not have, nor any payload below it. The loader would answer "Unknown symbol". Usual causes: the image is of another build than the source; the function was inlined everywhere; the object is not linked into the hypervisor; an earlier payload was not given with --on-top-of.',
  },
  XS402: {
    severity: 'error',
    title: 'symbol is ambiguous in the running hypervisor',
    text: 'Several symbols of the image bear the name by which the loader would look. It takes the first, which may be the wrong one. Static locals of one name in one file are the usual case. Patch a caller instead, or avoid the reference.',
  },
  XS403: {
    severity: 'error',
    title: 'reference to something without a name',
    text: 'Included code refers to data or code that stays in the hypervisor and has no symbol, so the loader cannot find it.',
  },
  XS404: {
    severity: 'error',
    title: 'unusable hypervisor image',
    text: 'The file given with --xen-syms is no linked x86-64 image, has no symbol table, or has no build-id note. Give the xen-syms file that was made together with the running hypervisor; distributions ship it in a debug package.',
  },
  XS405: {
    severity: 'error',
    title: 'relocation that the loader does not apply',
    text: 'Xen applies R_X86_64_64, R_X86_64_PC32 and R_X86_64_PLT32 and refuses the rest with EOPNOTSUPP. Other types come from code compiled with other flags than Xen uses, or from a short jump between two functions that share a section.',
  },
  XS406: {
    severity: 'error',
    title: 'reference to boot memory',
    text: 'Included code refers to code or data in an .init section. The hypervisor discarded that memory after boot; touching it in a running system is a fault or worse. Alternative calls (alternative_call, alternative_vcall) through a table in __initdata, as Xen had them before 4.19, are of this kind: at boot they were turned into direct calls and the table was discarded, so a payload cannot make them again. Patch another function.',
  },
  XS407: {
    severity: 'error',
    title: 'reference to a seam between two objects',
    text: 'A reference through a section symbol points exactly at the border of two objects: it may mean the start of the second or the end of the first. As long as both stand where they stood it makes no difference; here the patch moved them apart. Compile with -fdata-sections.',
  },
  XS408: {
    severity: 'error',
    title: 'symbol name too long',
    text: 'The hypervisor keeps names of at most 127 characters, file name included (KSYM_NAME_LEN). A longer one could not be looked up by later payloads. Choose a shorter name in the patch.',
  },
  XS409: {
    severity: 'error',
    title: 'source is not that of the running hypervisor',
    text: 'A function that the patch changes has another size in the image than in the object built from the unpatched source. So the source, its configuration or the compiler are not those from which the running hypervisor was built, and a payload would rest on wrong assumptions. Use exactly the sources, .config and compiler of the running build.',
  },
  XS410: {
    severity: 'error',
    title: 'function too small to be replaced',
    text: 'The loader writes a jump of 5 bytes over the start of the old function, behind an endbr64 if there is one (9 bytes in all). A smaller function cannot be replaced; change its callers.',
  },
  XS411: {
    severity: 'error',
    title: 'not a live patch payload',
    text: 'A file given with --on-top-of is not a relocatable ELF file with a build-id note and .livepatch.funcs or hooks.',
  },
  XS412: {
    severity: 'error',
    title: 'function replaced twice',
    text: 'Two objects of the comparison hold the same function of the running hypervisor. Build trees hold intermediate objects beside those that are linked: results of ld -r, copies with renamed sections. Give only what is linked, or the whole tree with its build records, from which the tool knows.',
  },
  XS413: {
    severity: 'error',
    title: 'two new symbols of one name',
    text: 'The patch adds static functions or variables of the same name in two objects that were compiled from source files of the same name, so both would be called file#name. Later payloads, which find symbols by that name, could not tell them apart. Rename one of them in the patch.',
  },
  XS501: {
    severity: 'error',
    title: 'payload too large',
    text: 'The hypervisor accepts payloads of up to 2 MiB (LIVEPATCH_MAX_SIZE). Split the patch into several payloads, each on top of the one before.',
  },
  XS502: {
    severity: 'error',
    title: 'output cannot be written',
    text: 'The payload is written to a temporary file beside the output, synced, and renamed over it. One of these steps failed; nothing half-written is left behind.',
  },
  XS414: {
    severity: 'error',
    title: 'hooks do not fit the loader',
    text: 'The loader knows its hooks by the names of their sections. It passes over names that it does not know, in silence; of all but load and unload it takes exactly one pointer; and it does not replace payloads by one with hooks before or after the processors come together. Source: docs/misc/livepatch.pandoc.',
  },
  XS416: {
    severity: 'error',
    title: 'changed constant has users that stay',
    text: 'A read-only table that other objects can name changed. A payload brings the new one, and the functions that it replaces use that; but the image of the running hypervisor shows other code or data that refers to the old one and is not replaced. The change would be lost there. Use a new name for the new constant, and change the users that matter.',
  },
  XS430: {
    severity: 'error',
    title: 'base is not the running hypervisor',
    text: 'A function that the payload replaces, or that its code calls, is not in the image as it was built from the unpatched source: with its relocations applied, its bytes are not those at that function. So the source, its configuration, its patches, the compiler or its options are not those from which the running hypervisor was built. A payload made from it would bring code that fits another hypervisor, which is the usual way to crash a host. Build from exactly the sources, .config and compiler of the running build; `check-base` compares the whole tree and names the likely cause. Where you know why it differs and that it does not matter, --no-base-proof leaves the proof out.',
  },
  XS431: {
    severity: 'error',
    title: 'tree is not that of the hypervisor',
    text: 'check-base looked up every function of the tree in the image and compared it, with its relocations applied. Some differ in more than what tells when, where and by whom it was built. Live patches made from this tree would rest on a source that does not run. The likely causes are told first; -v shows every function with both sides.',
  },
  XS432: {
    severity: 'warning',
    title: 'base cannot be checked',
    text: 'It could not be found out whether a function is that of the running hypervisor: a payload below has replaced it, or it refers to something that can be found in the image neither by a name nor by what it holds. It is counted apart and not as proven.',
  },
  XS433: {
    severity: 'error',
    title: 'no expectations in this form of payload',
    text: 'With --expect the payload tells the loader how the functions begin that it replaces, and the loader refuses when something else stands there. Function records have room for that since version 2, Xen 4.14.',
  },
  XS434: {
    severity: 'warning',
    title: 'nothing can be expected of a function',
    text: 'With --expect each function record holds the first bytes of the old function as they stand in the running hypervisor, up to the first that booting changes (alternatives, indirect calls that are made direct, endbr64 that are taken away). Of this function nothing is left of that, or a payload below has already written its jump over them. The payload replaces it without an expectation.',
  },
  XS440: {
    severity: 'error',
    title: 'function cannot be spliced that way',
    text: 'There are three ways to put a new function in the place of an old one: its bytes over the old bytes, all callers and pointers turned to it, or a jump at the start of the old one. --splice asked for one that this function does not allow in this hypervisor; the notes say what stands in the way. In place the new code must be no longer than the old and must not be led into from elsewhere; at the callers all of them must be known, and none of them be written by an alternative or be too short to reach a payload. `xsplice-build plan` shows for each function what each way takes, and --splice=auto takes one that is open.',
  },
  XS441: {
    severity: 'error',
    title: 'loader of the target cannot splice that way',
    text: 'The function could be spliced as --splice asks, but the loader for which the payload is made has no means to say so. Loaders of Xen write a jump at the start of a function and, since 4.8, up to 31 bytes of NOPs over code; nothing else is changed in place, and no caller is. The form xsplice-v1 has a section for it, .xsplice.splices (docs/payload-format.md), which the emulated hypervisor of the first design applies and reverts.',
  },
  XS442: {
    severity: 'error',
    title: 'function is reached past where the jump would stand',
    text: 'A payload below has spliced the function at its callers: they call its new function, and the old one, at whose start the jump would stand, is not entered any more. The fix would be applied and do nothing. Make a payload that takes the place of that one (--replace), so that it is reverted first.',
  },
} as const satisfies Record<string, CodeEntry>;
