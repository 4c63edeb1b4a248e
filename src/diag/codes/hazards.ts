/** XS61x and XS63x: what can be told of a loaded payload by looking at it, before anything of it runs. */
import type { CodeEntry } from '../codes.js';

export const HAZARD_CODES = {
  XS610: {
    severity: 'error',
    title: 'relocation leads nowhere',
    text: 'A relocation of the payload writes outside of the sections, or leads to where there is no memory, to data that is called as if it were code, out of the payload although the symbol is its own, or into a payload that comes later. The loader adds an addend to the address of a symbol and asks nothing; the code faults when it gets there. Such a payload is broken, or was built for another hypervisor or another stack of payloads. Build it again.',
  },
  XS611: {
    severity: 'error',
    title: 'payload leads into boot memory',
    text: "A relocation leads into an .init section of the hypervisor. Its symbols are still in the table by which the loader binds names, but the memory was freed after boot and may be a guest's by now: calling it or reading it is a fault or worse. Labels that only mark the ends of that memory may be compared with. Bring what is needed along in the payload, or patch another function.",
  },
  XS612: {
    severity: 'error',
    title: 'two records patch the same code',
    text: 'What two records overwrite overlaps. In one payload the second record saves what the first has written; reverting restores in the order of the records, so a jump into freed memory stays behind. A payload higher in the stack may replace a function again as a whole, because stacks are reverted from the top; but when it overwrites only a part of what a lower one wrote, the rest is no instruction. Keep one record for each function.',
  },
  XS613: {
    severity: 'error',
    title: 'new_addr is not the start of a function',
    text: 'The jump that a record makes leads to a place that is no function: outside of what is loaded, in data, in the middle of code, in boot memory, or to the function that is replaced itself. The loader checks no more than the distance. The next call of the replaced function goes there, usually within milliseconds. new_addr must hold a relocation against a function of the same payload.',
  },
  XS614: {
    severity: 'error',
    title: 'old_addr is not the start of a function',
    text: 'A record patches a place that is no function of the running hypervisor, nor of a payload below. The loader reads the place at upload (the hypervisor panics when nothing is mapped there) and writes five bytes of a jump there at apply, into data or into the middle of other code. Fixed addresses are right for one build of the hypervisor only; leave old_addr 0 and give the name, and the hypervisor looks it up.',
  },
  XS615: {
    severity: 'error',
    title: 'patch reaches beyond the end of the function',
    text: 'The jump has 5 bytes and stands behind an endbr64, if there is one; NOPs are as many as the record says. The loader compares that with old_size, which the payload brings itself, so a wrong old_size passes. Here the function is shorter, and the start of the next one would be overwritten. Change the callers of so small a function, and check that the payload was built for this hypervisor.',
  },
  XS616: {
    severity: 'error',
    title: 'NOPs leave broken code',
    text: 'A record without new_addr fills a part of a function with NOPs. What it leaves cannot run: the NOPs cut an instruction, whose rest is then executed as something else; or they cover the return, so that control falls into what follows; or they cover only one half of what moves the stack pointer, so that the return takes a wrong address; or they are fewer than the four bytes of an endbr64, behind which the hypervisor begins to write, and then it writes until it dies. A usual cause is a return that is a jump to a thunk, five bytes instead of one. Let the NOPs cover whole instructions that can be spared, or replace the function.',
  },
  XS617: {
    severity: 'error',
    title: 'code branches into the patched bytes',
    text: 'Some code of the hypervisor, or of a payload, that still runs branches to a place between the first and the last byte that a record overwrites. What stands there afterwards is the middle of a jump or of a NOP, and is executed as some other instruction. Functions of assembly with several entries are like that, and loops that lead back to near their start. Patch what branches there instead.',
  },
  XS618: {
    severity: 'error',
    title: 'payload enters a function in its middle',
    text: 'A call, a jump or a pointer of the payload leads into a function other than by its start or a label. When that function is replaced, it is its old body, or a part of it that the compiler moved elsewhere (NAME.cold), which goes back there: the old code goes on with registers and a stack frame that are not its own. The loader binds such a place as readily as any other. Bring the whole function along, its cold part included.',
  },
  XS619: {
    severity: 'error',
    title: 'table of the payload acts on what is not there',
    text: 'An alternative would be written over code outside of the text of the payload (hypervisors before 4.17.4 do that at upload, later ones look at less than all of it), or read from outside of the payload; a fault, or a call through an exception, would go on where no code is. Such tables come from tools that copy entries and the code they describe apart from each other. Build the payload again.',
  },
  XS630: {
    severity: 'warning',
    title: 'old code of a replaced function still runs',
    text: 'A replaced function is left by the jump at its entry. Code that is not replaced branches into its body behind that jump, and there the old instructions go on: whoever comes this way does not see the fix. It is not dangerous in itself, but the patch does only a part of its work. Functions of assembly with several entries are the usual case. Replace the code that branches there as well.',
  },
  XS631: {
    severity: 'warning',
    title: 'old_size is more than the function has',
    text: 'The record says that the old function is longer than it is in this hypervisor. The jump fits, and the loader uses old_size for nothing else; but a payload that is right knows the size, so it was probably built from another source, with another .config or another compiler, and its code may rest on wrong assumptions. A smaller old_size is of no matter.',
  },
  XS632: {
    severity: 'warning',
    title: 'payload must not be unloaded under another',
    text: 'A payload of the stack uses functions or data that a lower one brought, or replaces them. The hypervisor keeps no count of that: it refuses to revert the lower payload as long as the upper one is applied, but unloads it without a question when neither is, and then the upper one holds addresses of freed memory. Unload from the top.',
  },
  XS633: {
    severity: 'warning',
    title: 'payload cannot be applied again after a revert',
    text: 'The payload has writable data besides its records. After a revert its values are those that the patched code left, so the loader refuses to apply it again (EINVAL, "Please unload"). Unload it and upload it anew. For a payload that has to go on and off, keep the state in memory that a load hook allocates.',
  },
  XS634: {
    severity: 'error',
    title: 'payload defines a per-CPU variable',
    text: "Per-CPU variables are copied for each processor when the hypervisor boots, and reached by adding that processor's distance to the address of the template. A variable of a payload has no copies: adding the distance to its address leads into memory of somebody else, on every processor but for luck. The loader takes the section for ordinary data. Use an array with an element for each processor.",
  },
  XS635: {
    severity: 'warning',
    title: 'section is loaded but nobody reads it',
    text: 'The payload has a section whose contents mean something only to the linker, to code that runs at boot, or to another version of the loader: initcalls, schedulers, command line parameters, constructors, hooks with a name that this loader does not know. It is copied into memory, and nothing ever looks at it, so what was to be done with it is not done. Do it in a load hook.',
  },
  XS636: {
    severity: 'warning',
    title: 'table entry is never found',
    text: "A bug frame or an exception entry of the payload describes code that is not in the text of the payload, or has lost a part of itself. The hypervisor looks in a payload's tables only for addresses of its text. If the code is somewhere, its WARN() is a panic there, its fault is fatal, or its ASSERT() prints no message. Bug frames reach 8 MiB; what lies farther is cut off in silence. Whatever made the payload must copy entries with their code.",
  },
  XS637: {
    severity: 'warning',
    title: 'reference beyond the symbol it names',
    text: 'A relocation leads before or behind the object or function that it is bound to, where another one may lie. Compilers do that when they count from before an array, and C code may compute with an address; otherwise the object has another size than the payload was built for, so that the payload reads or writes something else. Check that source, .config and compiler are those of the running hypervisor.',
  },
  XS640: {
    severity: 'error',
    title: 'splice does not find what it expects',
    text: 'A payload that changes code or pointers where they are says which bytes it expects there, and the hypervisor refuses to apply it when others are. The image holds others: the payload was built for another hypervisor, or from a plan that was made for one.',
  },
  XS641: {
    severity: 'error',
    title: 'splice does not fit the code',
    text: 'What a splice writes must be whole instructions in the place of whole instructions, entered only where one begins; a branch or a pointer must lead to the new function. The hypervisor compares bytes and asks nothing of that. Code that comes upon half an instruction does something else than anybody meant. The payload is broken, or was made for another hypervisor.',
  },
  XS642: {
    severity: 'warning',
    title: 'old function is still reached',
    text: 'The payload turns callers of a function and pointers to it to the new one, but not all that can be seen in the hypervisor: a call, a pointer, a branch that an alternative writes, or code that takes the address still leads to the old function. Whoever comes that way does not see the fix. With a jump at the start of the old function (a trampoline) all ways lead to the new one.',
  },
} as const satisfies Record<string, CodeEntry>;
