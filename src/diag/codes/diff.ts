/** XS2xx and XS3xx: correlating two objects and finding what changed. */
import type { CodeEntry } from '../codes.js';

export const DIFF_CODES = {
  XS201: {
    severity: 'error',
    title: 'static variables cannot be told apart',
    text: 'Several static variables of one name exist in the object, the compiler numbered them anew, and their users do not tell which is which. Binding the wrong one would swap the state of two functions. Give the variables different names in the patch, or avoid moving them between functions.',
  },
  XS203: {
    severity: 'error',
    title: 'special section does not fit the target version',
    text: 'A table that Xen keeps about its code (.bug_frames.N, .altinstructions, .ex_table) is not a whole number of entries of the size that the target version uses, or a relocation falls between the fields. The source is probably of another Xen version than the target profile.',
  },
  XS210: {
    severity: 'error',
    title: 'the two sides come from different compilers',
    text: 'The .comment sections name different compilers or versions. Another compiler makes other code of the same source, so most functions would count as changed, and the original objects are not what the running hypervisor was linked from. Build both sides with the compiler that built the hypervisor.',
  },
  XS211: {
    severity: 'error',
    title: 'the two sides were compiled with different options',
    text: 'The compiler recorded its options in the debug information, and they differ in something that decides what code is made. Most functions would count as changed without any patch. Compare .config and the flags in the environment.',
  },
  XS212: {
    severity: 'error',
    title: 'most functions changed',
    text: 'In at least ten objects that differ, most functions differ. A patch does not do that; other flags, another configuration or another compiler do. The objects hold no record that would tell which. If it is meant, --allow-lost=flags goes on.',
  },
  XS213: {
    severity: 'warning',
    title: 'object is not in the image',
    text: 'None of the functions and variables of the object has a symbol in the image of the running hypervisor: it is a member of a library that the linker did not take, or belongs to another configuration. Its changes are left out, because there is nothing to replace. When nothing else changed it is an error, since the image may be that of another hypervisor.',
  },
  XS301: {
    severity: 'error',
    title: 'initial value of existing data changed',
    text: 'The patch changes the value that a variable or table has at boot. The running hypervisor has its own copy, which may have changed since; a live patch does not overwrite live data. Set the new value in a load hook, or make a new object with the new value and let the changed functions use that.',
  },
  XS302: {
    severity: 'error',
    title: 'size of existing data changed',
    text: 'The patch makes a variable or table larger or smaller. The running hypervisor has laid out memory for the old size, and other code relies on it. Keep the object and add a new one, for instance a shadow array.',
  },
  XS303: {
    severity: 'error',
    title: 'boot code changed',
    text: 'A function in an .init section changed or is new. It ran at boot and its memory has been given back; replacing it has no effect. What it would have done must be done by a load hook, if it can be done at all in a running system.',
  },
  XS304: {
    severity: 'error',
    title: 'boot data changed',
    text: 'Data in an .init section changed or is new: a command-line parameter, an initcall, a table used at boot. The running hypervisor has used and discarded it.',
  },
  XS305: {
    severity: 'error',
    title: 'assembly code without function bounds changed',
    text: 'Code changed that belongs to no symbol of type STT_FUNC with a size: assembly whose labels do not say where a function ends and what may jump into its middle. It cannot be replaced safely.',
  },
  XS306: {
    severity: 'error',
    title: 'per-CPU data added or changed',
    text: 'Per-CPU variables live in an area that is laid out at boot and addressed with a per-CPU offset. In a payload such a variable would be ordinary memory addressed as if it were per-CPU: memory corruption.',
  },
  XS307: {
    severity: 'error',
    title: 'table walked at boot changed',
    text: 'The linker gathers these entries (schedulers, vPCI handlers, hypfs parameters) into a table that boot code walks. An entry in a payload is never seen. Register it by code, in a load hook.',
  },
  XS308: {
    severity: 'error',
    title: 'section that no payload carries changed',
    text: 'The patch changes something that is loaded with the hypervisor but is neither code nor data of it: a note that the boot loader reads, an entry of a table that describes no code of the object, a common symbol that only the linker places. A payload has no room for it, and what runs has used it already.',
  },
  XS309: {
    severity: 'error',
    title: 'existing data moved where it cannot follow',
    text: 'A constant became a variable, or data moved into or out of the per-CPU area. In the running hypervisor it stays where it was, and with the protection it had: code that writes to what is read-only there would fault. Use a new object under another name.',
  },
  XS310: {
    severity: 'error',
    title: 'nothing to patch',
    text: 'No function that runs differs in what it does, and there are no hooks: a payload would be empty. The patch may touch comments, code that is not compiled in this configuration, or only lines. The exit code is 3.',
  },
  XS311: {
    severity: 'warning',
    title: 'changed code runs when a processor comes online',
    text: 'The function is called when a processor is brought up. It is neither boot code nor code that runs again for processors that are online: the change takes effect for those that come online later (CPU hotplug, resume). If the fix is meant for all, do the same for the processors that are online in a load hook.',
  },
  XS312: {
    severity: 'error',
    title: 'changed code is entered where no splice catches it',
    text: 'A live patch puts a jump over the start of the old function. Code that enters the old function further in (a label of assembly), or that was linked against a name which means another function after the patch (an alias), does not pass that place and goes on with the old code: half of the fix would be missing.',
  },
  XS313: {
    severity: 'warning',
    title: 'accepted loss did not occur',
    text: 'An --allow-lost option names something that is not lost, or not under that name. A key is spelt as the refusal gives it, kind:NAME. Remove the option, or correct it: an acceptance that lies around may cover a loss in a later version of the patch.',
  },
  XS320: {
    severity: 'error',
    title: 'layout of a structure changed',
    text: 'By the debug information of both objects, a type that changed functions use has another size, or members at other places. Objects that live in the hypervisor were made for the old layout; code compiled for the new one would read and write in the wrong places. A function uses what its variables and parameters, those of inlined functions, and the variables of the file to which it refers lead to, through any number of pointers: that may be more than it touches. If what changed is not touched by what is replaced, --allow-lost=layout:TYPE goes on.',
  },
  XS321: {
    severity: 'warning',
    title: 'layout of another structure changed',
    text: 'By the debug information of both objects, a type of this source file has another size, or members at other places, and no variable or parameter of a changed function leads to it. So the payload should not touch objects of that type. A cast from another type leaves no trace in the debug information, and neither does a pointer to void: look whether a changed function gets to such an object by one.',
  },
} as const satisfies Record<string, CodeEntry>;
