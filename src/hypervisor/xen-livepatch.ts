/**
 * What an administrator sees: the tool `xen-livepatch` over the modelled hypercalls, with what it prints and its exit
 * code. 0: done; 2: try again (EAGAIN, EBUSY); 1: anything else. The tool asks for the state before an action and
 * 60 ms after it, and goes by that, so an action that was refused without a word is found out here.
 *
 * Source: tools/misc/xen-livepatch.c, tools/libs/ctrl/xc_misc.c (that of 4.14 and later).
 */
import { Errno } from './errno.js';
import { NAME_SIZE, PayloadState } from './hypercall.js';
import type { Operation, PayloadStatus } from './hypercall.js';
import type { LivePatching } from './livepatch.js';
import { actionOperation, getOperation, uploadOperation } from './well-formed.js';
import type { WorkAction } from './action-operation.js';

export interface ToolRun {
  readonly exitCode: 0 | 1 | 2;
  readonly stdout: string;
  readonly stderr: string;
}

/** HYPERVISOR_TIMEOUT_NS, and DELAY: how long the tool waits. */
const TIMEOUT = 30_000_000;
const DELAY = 2 * TIMEOUT;

/** What strerror() of the C library says for what Xen returns. */
const MESSAGES: Readonly<Record<number, string>> = {
  0: 'Success',
  [Errno.EPERM]: 'Operation not permitted',
  [Errno.ENOENT]: 'No such file or directory',
  [Errno.E2BIG]: 'Argument list too long',
  [Errno.EAGAIN]: 'Resource temporarily unavailable',
  [Errno.ENOMEM]: 'Cannot allocate memory',
  [Errno.EFAULT]: 'Bad address',
  [Errno.EBUSY]: 'Device or resource busy',
  [Errno.EEXIST]: 'File exists',
  [Errno.EINVAL]: 'Invalid argument',
  [Errno.ENOSPC]: 'No space left on device',
  [Errno.ERANGE]: 'Numerical result out of range',
  [Errno.ENOSYS]: 'Function not implemented',
  [Errno.ENODATA]: 'No data available',
  [Errno.EOVERFLOW]: 'Value too large for defined data type',
  [Errno.EOPNOTSUPP]: 'Operation not supported',
  [Errno.ENOBUFS]: 'No buffer space available',
};

/** What a user reads for an error number, which is positive. */
export function strerror(errno: number): string {
  return MESSAGES[errno] ?? `Unknown error ${errno}`;
}

interface Choice {
  readonly action: WorkAction | 'UNLOAD';
  readonly name: string;
  readonly verb: string;
  readonly allow: number;
  /** A state, or the error of a payload that is gone. */
  readonly expected: number;
}

/** action_options[]. */
const CHOICES = {
  apply: {
    action: 'APPLY',
    name: 'apply',
    verb: 'Applying',
    allow: PayloadState.CHECKED,
    expected: PayloadState.APPLIED,
  },
  revert: {
    action: 'REVERT',
    name: 'revert',
    verb: 'Reverting',
    allow: PayloadState.APPLIED,
    expected: PayloadState.CHECKED,
  },
  unload: {
    action: 'UNLOAD',
    name: 'unload',
    verb: 'Unloading',
    allow: PayloadState.CHECKED,
    expected: -Errno.ENOENT,
  },
  replace: {
    action: 'REPLACE',
    name: 'replace',
    verb: 'Replacing all live patches with',
    allow: PayloadState.CHECKED,
    expected: PayloadState.APPLIED,
  },
} as const satisfies Record<string, Choice>;

/** state2str(). */
function stateName(state: number): string {
  if (state === PayloadState.CHECKED) return 'CHECKED';
  return state === PayloadState.APPLIED ? 'APPLIED' : 'unknown';
}

export class XenLivepatch {
  private stdout = '';
  private stderr = '';

  constructor(private readonly xen: LivePatching) {}

  /** `file`: its path as it was given. */
  upload(name: string, file: string, bytes: Uint8Array): ToolRun {
    return this.run(() => this.uploadFile(name, file, bytes));
  }

  apply(name: string, nodeps = false): ToolRun {
    return this.run(() => this.act(CHOICES.apply, name, nodeps));
  }

  revert(name: string): ToolRun {
    return this.run(() => this.act(CHOICES.revert, name));
  }

  unload(name: string): ToolRun {
    return this.run(() => this.act(CHOICES.unload, name));
  }

  replace(name: string): ToolRun {
    return this.run(() => this.act(CHOICES.replace, name));
  }

  /** Uploads under the name of the file and applies; what cannot be applied is unloaded again. */
  load(file: string, bytes: Uint8Array, nodeps = false): ToolRun {
    const base = file.slice(file.lastIndexOf('/') + 1);
    const name = base.includes('.') ? base.slice(0, base.lastIndexOf('.')) : base;
    return this.run(() => {
      const uploaded = this.uploadFile(name, file, bytes);
      if (uploaded !== 0) return uploaded;
      const applied = this.act(CHOICES.apply, name, nodeps);
      if (applied !== 0) this.act(CHOICES.unload, name);
      return applied;
    });
  }

  list(): ToolRun {
    return this.run(() => this.printList());
  }

  /** What a command returns becomes the exit code. */
  private run(command: () => number): ToolRun {
    this.stdout = '';
    this.stderr = '';
    const ret = command();
    const again = ret === Errno.EAGAIN || ret === Errno.EBUSY;
    const { stdout, stderr } = this;
    return { exitCode: ret === 0 ? 0 : again ? 2 : 1, stdout, stderr };
  }

  private uploadFile(name: string, file: string, bytes: Uint8Array): number {
    if (!this.nameFits(name)) return Errno.EINVAL;
    this.stdout += `Uploading ${file}... `;
    const rc = this.xen.operate(uploadOperation(name, bytes)).rc;
    if (rc === 0) {
      this.stdout += 'completed\n';
      return 0;
    }
    this.stdout += 'failed\n';
    return this.error(-rc);
  }

  private act(choice: Choice, name: string, nodeps = false): number {
    if (!this.nameFits(name)) return Errno.EINVAL;
    const before = this.get(name);
    if (typeof before === 'number') {
      this.stderr += `Failed to get status of ${name}.\n`;
      return this.error(-before);
    }
    if (before.rc === -Errno.EAGAIN) {
      this.stderr += `Cannot execute ${choice.name}.\nOperation already in progress.\n`;
      return Errno.EAGAIN;
    }
    if (before.state === choice.expected) {
      this.stdout += 'No action needed.\n';
      return 0;
    }
    if ((choice.allow & before.state) === 0) return this.wrongState(name, before.state, choice.allow);
    this.stdout += `${choice.verb} ${name}... `;
    const wake = this.xen.scenario.processors.now + DELAY;
    const op = actionOperation(name, choice.action, { timeout: TIMEOUT, nodeps });
    const rc = this.xen.operate(op).rc;
    if (rc !== 0) {
      this.stdout += 'failed\n';
      return this.error(Math.max(0, -rc));
    }
    this.sleepUntil(wake);
    return this.judge(choice, name);
  }

  /** What became of it. */
  private judge(choice: Choice, name: string): number {
    const after = this.get(name);
    const failure = typeof after === 'number' ? after : after.rc;
    if (failure === -Errno.EAGAIN) {
      this.stdout += 'failed\n';
      this.stderr += "Operation didn't complete.\n";
      return Errno.EAGAIN;
    }
    const result = failure === 0 && typeof after !== 'number' ? after.state : failure;
    const completed = result === choice.expected;
    this.stdout += completed ? 'completed\n' : 'failed\n';
    if (completed) return 0;
    return result < 0 ? this.error(-result) : this.wrongState(name, result, choice.expected);
  }

  private printList(): number {
    const { entries } = this.xen.list();
    if (entries.length === 0) {
      this.stdout += 'Nothing to list\n';
      return 0;
    }
    this.stdout += ' ID                                     | status     | metadata\n';
    this.stdout += '----------------------------------------+------------+---------------\n';
    for (const { name, state, rc, metadata } of entries) {
      const failure = rc === 0 ? '' : ` (${-rc}, ${strerror(-rc)})`;
      const strings = Buffer.from(metadata.subarray(0, -1)).toString('latin1').replaceAll('\0', ';');
      this.stdout += `${name.padEnd(40)}| ${stateName(state)}${failure}    | ${strings}\n`;
    }
    return 0;
  }

  /** Of a payload, or what the hypercall returned instead. */
  private get(name: string): PayloadStatus | number {
    const op: Operation = getOperation(name);
    const { rc, status } = this.xen.operate(op);
    return status ?? rc;
  }

  /** The work is done, or given up, while the tool sleeps. */
  private sleepUntil(wake: number): void {
    const { processors } = this.xen.scenario;
    this.xen.runPendingWork();
    processors.advance(Math.max(0, wake - processors.now));
  }

  private nameFits(name: string): boolean {
    if (name.length <= NAME_SIZE) return true;
    this.stderr += `ID must be no more than ${NAME_SIZE} characters.\n`;
    return false;
  }

  private wrongState(name: string, state: number, expected: number): number {
    this.stderr += `${name} is in the wrong state.\nCurrent state: ${stateName(state)}\n`;
    this.stderr += `Expected state: ${stateName(expected)}\n`;
    return -1;
  }

  private error(errno: number): number {
    this.stderr += `Error ${errno}: ${strerror(errno)}\n`;
    return errno;
  }
}
