/**
 * Which folder of the product may import which, and why. The order is that of the layers: what stands further
 * down may import what stands above it, with the two exceptions in DECLARED_CYCLES.
 *
 * An edge that is not here needs a reason before it needs an import.
 */

export interface FolderEdges {
  readonly folder: string;
  readonly imports: readonly string[];
  readonly why: string;
}

/** A file directly under src/ stands for itself. */
export const FOLDER_EDGES: readonly FolderEdges[] = [
  { folder: 'src/cache-directory.ts', imports: [], why: 'asks the environment, nothing else' },
  { folder: 'src/system-error.ts', imports: [], why: 'reads what was thrown' },
  {
    folder: 'src/process-alive.ts',
    imports: ['src/system-error.ts'],
    why: 'asks the operating system, and reads its answer',
  },
  {
    folder: 'src/write-file.ts',
    imports: ['src/process-alive.ts'],
    why: 'asks the file system, and whose files are left over',
  },
  { folder: 'src/read-file.ts', imports: ['src/diag'], why: 'says in a diagnostic what cannot be read' },
  { folder: 'src/diag', imports: [], why: 'everyone speaks through diagnostics, so they know nobody' },
  {
    folder: 'src/run',
    imports: ['src/diag', 'src/system-error.ts'],
    why: 'says what a run tells and how it is ended; everything long goes by it',
  },
  { folder: 'src/elf', imports: ['src/diag'], why: 'reports what is wrong with a file' },
  { folder: 'src/x86', imports: ['src/elf'], why: 'disassembles code with its relocations' },
  {
    folder: 'src/dwarf',
    imports: ['src/diag', 'src/elf'],
    why: 'reads debug sections of ELF files; what a changed layout means is for others to say',
  },
  { folder: 'src/emulator', imports: ['src/x86', 'src/diag'], why: 'executes what x86 decodes' },
  {
    folder: 'src/xen',
    imports: ['src/diag', 'src/elf', 'src/x86', 'src/model'],
    why: 'says what Xen makes of ELF files, and of the atoms in its own tables',
  },
  {
    folder: 'src/model',
    imports: ['src/diag', 'src/elf', 'src/x86', 'src/xen', 'src/dwarf', 'src/engine'],
    why: 'cuts objects into atoms, special sections by the rules of the target; artifacts extend Artifact',
  },
  {
    folder: 'src/hypervisor',
    imports: ['src/diag', 'src/elf', 'src/x86', 'src/xen', 'src/emulator', 'src/run'],
    why: 'is the loader of Xen over an emulated processor',
  },
  {
    folder: 'src/atlas',
    imports: ['src/diag', 'src/elf', 'src/x86', 'src/xen', 'src/emulator', 'src/hypervisor'],
    why: 'says where everything is in a hypervisor with payloads, what its code is cut into, and what leads where',
  },
  {
    folder: 'src/validate',
    imports: [
      'src/run',
      'src/diag',
      'src/elf',
      'src/x86',
      'src/xen',
      'src/model',
      'src/emulator',
      'src/hypervisor',
      'src/atlas',
      'src/read-file.ts',
    ],
    why: 'judges what the hypervisor made of payloads, and reads scenarios; model tells it what sections are for',
  },
  {
    folder: 'src/splice',
    imports: [
      'src/run',
      'src/diag',
      'src/x86',
      'src/xen',
      'src/model',
      'src/emulator',
      'src/hypervisor',
      'src/atlas',
      'src/validate',
    ],
    why: 'plans and chooses how new functions get into a hypervisor, in the terms of the artifacts; validate loads payloads',
  },
  {
    folder: 'src/engine',
    imports: ['src/diag', 'src/xen', 'src/pipeline.ts', 'src/run'],
    why: 'runs passes with the options of a target; a worker finds its chain in the pipeline by name',
  },
  {
    folder: 'passes',
    imports: [
      'src/diag',
      'src/elf',
      'src/x86',
      'src/xen',
      'src/model',
      'src/engine',
      'src/hypervisor',
      'src/read-file.ts',
    ],
    why: 'use all knowledge, and the types of the engine',
  },
  {
    folder: 'src/pipeline.ts',
    imports: ['src/engine', 'src/model', 'passes'],
    why: 'is the order of the passes',
  },
  {
    folder: 'src/source',
    imports: [
      'src/diag',
      'src/cache-directory.ts',
      'src/system-error.ts',
      'src/process-alive.ts',
      'src/write-file.ts',
      'src/run',
    ],
    why: 'makes pairs of objects; what is in them is not its business',
  },
  {
    folder: 'src/config.ts',
    imports: ['src/hypervisor', 'src/report', 'src/xen'],
    why: 'is what passes of users are written against: types of the report, and of settings',
  },
  {
    folder: 'src/user',
    imports: [
      'src/run',
      'src/config.ts',
      'src/diag',
      'src/elf',
      'src/engine',
      'src/model',
      'src/read-file.ts',
      'src/write-file.ts',
    ],
    why: 'shows artifacts to passes of users, and does what they decide; the engine compiles them',
  },
  {
    folder: 'src/prove-relied.ts',
    imports: ['src/diag', 'src/elf', 'src/engine', 'src/model', 'src/pipeline.ts', 'src/xen'],
    why: 'asks the rest of a tree, through the pipeline, for what a finished payload relies on',
  },
  {
    folder: 'src/requests.ts',
    imports: [
      'src/run',
      'src/diag',
      'src/engine',
      'src/hypervisor',
      'src/model',
      'src/splice',
      'src/user',
      'src/validate',
      'src/xen',
    ],
    why: 'is what callers of the library ask for and get',
  },
  {
    folder: 'src/link.ts',
    imports: [
      'src/run',
      'src/diag',
      'src/xen',
      'src/model',
      'src/engine',
      'src/pipeline.ts',
      'src/read-file.ts',
      'src/prove-relied.ts',
      'src/requests.ts',
      'src/user',
      'src/validate',
      'src/splice',
      'src/atlas',
    ],
    why: 'is the second half of a build: it joins the pipelines, the choice of splices and the proof',
  },
  {
    folder: 'src/index.ts',
    imports: [
      'src/atlas',
      'src/config.ts',
      'src/run',
      'src/diag',
      'src/elf',
      'src/xen',
      'src/model',
      'src/engine',
      'src/pipeline.ts',
      'src/requests.ts',
      'src/link.ts',
      'src/source',
      'src/read-file.ts',
      'src/hypervisor',
      'src/user',
      'src/validate',
      'src/splice',
    ],
    why: 'is the library: it joins the source stage, the pipeline, the inputs of a link and the proof, and gives their types',
  },
  {
    folder: 'src/doctor',
    imports: ['src/cache-directory.ts', 'src/qemu', 'src/source'],
    why: 'asks for what source and qemu need, and for the place where they keep things',
  },
  {
    folder: 'src/report',
    imports: ['src/diag', 'src/doctor', 'src/elf', 'src/x86', 'src/xen', 'src/model', 'src/index.ts'],
    why: 'renders results of the library, code as instructions',
  },
  {
    folder: 'src/release',
    imports: [
      'src/diag',
      'src/xen',
      'src/index.ts',
      'src/source',
      'src/report',
      'src/read-file.ts',
      'src/run',
    ],
    why: 'describes a finished build, in the words of its report, and repeats it through the library',
  },
  {
    folder: 'src/cli',
    imports: [
      'src/diag',
      'src/doctor',
      'src/xen',
      'src/model',
      'src/engine',
      'src/index.ts',
      'src/source',
      'src/release',
      'src/report',
      'src/cache-directory.ts',
      'src/write-file.ts',
      'src/read-file.ts',
    ],
    why: 'turns a command line into a call of the library, and its result into text; asks source what a built tree links',
  },
  { folder: 'src/cli.ts', imports: ['src/cli', 'src/diag'], why: 'runs one command and ends the process' },
  {
    folder: 'src/qemu',
    imports: ['src/cache-directory.ts', 'src/write-file.ts'],
    why: 'drives a machine; payloads are files to it, made through the command line as users make them',
  },
];

/** Folders that load each other, and why that is right. Files never do. */
export const DECLARED_CYCLES: readonly { readonly folders: readonly string[]; readonly why: string }[] = [
  {
    folders: ['src/model', 'src/xen'],
    why: 'model asks xen what the sections of the target are; xen reads its tables through atoms',
  },
  {
    folders: ['src/engine', 'src/pipeline.ts'],
    why: 'functions cannot be posted to a thread, so the worker imports the pipeline to find its chain',
  },
];
