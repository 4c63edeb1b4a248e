/** What the tool prints and how it ends, for what the hypervisor answers. */
import { describe, expect, test } from '@jest/globals';
import { PROFILES } from '../../../src/hypervisor/profiles.js';
import { actionOperation } from '../../../src/hypervisor/well-formed.js';
import { XenLivepatch, strerror } from '../../../src/hypervisor/xen-livepatch.js';
import { layHost, oldFunction, uploadAll } from '../../support/hand-laid-payload.js';
import type { Host, Plan } from '../../support/hand-laid-payload.js';

const FILE = Uint8Array.of(1);
const PLAN: Plan = { functions: [{ name: 'f', oldAddress: oldFunction(0) }], metadata: ['a=1', 'b=2'] };

function toolOf(plans: Readonly<Record<string, Plan>>, upload = true): { tool: XenLivepatch; host: Host } {
  const host = layHost(plans, { activities: [{ kind: 'idle' }, { kind: 'idle' }] });
  if (upload) uploadAll(host);
  return { tool: new XenLivepatch(host.xen), host };
}

const keepBusy = ({ xen }: Host, nanoseconds: number): void =>
  xen.scenario.processors.set(1, { kind: 'busy', nanoseconds, interrupts: 'on', stack: [] });

describe('xen-livepatch', () => {
  test('uploads, applies, lists, reverts and unloads', () => {
    const { tool } = toolOf({ p: PLAN }, false);
    const done = (stdout: string): object => ({ exitCode: 0, stdout, stderr: '' });
    expect(tool.list()).toEqual(done('Nothing to list\n'));
    expect(tool.upload('p', 'a/p.livepatch', FILE)).toEqual(done('Uploading a/p.livepatch... completed\n'));
    expect(tool.apply('p')).toEqual(done('Applying p... completed\n'));
    expect(tool.apply('p')).toEqual(done('No action needed.\n'));
    expect(tool.list().stdout.split('\n')).toEqual([
      ' ID                                     | status     | metadata',
      '----------------------------------------+------------+---------------',
      `p${' '.repeat(39)}| APPLIED    | a=1;b=2`,
      '',
    ]);
    expect(tool.revert('p')).toEqual(done('Reverting p... completed\n'));
    expect(tool.replace('p')).toEqual(done('Replacing all live patches with p... completed\n'));
    expect(tool.revert('p')).toEqual(done('Reverting p... completed\n'));
    expect(tool.unload('p')).toEqual(done('Unloading p... completed\n'));
  });

  test('loads a file under its own name, and takes it away when it cannot be applied', () => {
    const { tool, host } = toolOf({ 'a.b': PLAN, other: { depends: 'other' } }, false);
    expect(tool.load('dir.d/a.b.livepatch', FILE)).toEqual({
      exitCode: 0,
      stdout: 'Uploading dir.d/a.b.livepatch... completed\nApplying a.b... completed\n',
      stderr: '',
    });
    expect(tool.load('other', FILE)).toEqual({
      exitCode: 1,
      stdout: 'Uploading other... completed\nApplying other... failed\nUnloading other... completed\n',
      stderr: 'Error 22: Invalid argument\n',
    });
    expect(tool.load('other', FILE, true).exitCode).toBe(0);
    expect(host.xen.list().entries.map(({ name }) => name)).toEqual(['a.b', 'other']);
    expect(tool.load('nobody', FILE)).toEqual({
      exitCode: 1,
      stdout: 'Uploading nobody... failed\n',
      stderr: 'Error 22: Invalid argument\n',
    });
  });

  test('knows a name that is too long by itself, and one that nobody has by asking', () => {
    const { tool } = toolOf({});
    const long = 'x'.repeat(129);
    const refused = { exitCode: 1, stdout: '', stderr: 'ID must be no more than 128 characters.\n' };
    expect(tool.upload(long, 'f', FILE)).toEqual(refused);
    expect(tool.apply(long)).toEqual(refused);
    expect(tool.upload('x'.repeat(128), 'f', FILE).stderr).toBe('Error 22: Invalid argument\n');
    expect(tool.apply('p')).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: 'Failed to get status of p.\nError 2: No such file or directory\n',
    });
    expect(tool.upload('p', 'f', FILE).stderr).toBe('Error 22: Invalid argument\n');
  });

  test('says that a payload is in the wrong state', () => {
    const { tool } = toolOf({ p: PLAN });
    tool.apply('p');
    expect(tool.unload('p')).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: 'p is in the wrong state.\nCurrent state: APPLIED\nExpected state: CHECKED\n',
    });
  });

  test('ends with 2 when it is worth to try again, and then it is', () => {
    const { tool, host } = toolOf({ p: PLAN });
    keepBusy(host, 50_000_000);
    expect(tool.apply('p')).toEqual({
      exitCode: 2,
      stdout: 'Applying p... failed\n',
      stderr: 'Error 16: Device or resource busy\n',
    });
    expect(tool.list().stdout).toContain('| CHECKED (16, Device or resource busy)    | ');
    expect(tool.apply('p')).toMatchObject({ exitCode: 0, stdout: 'Applying p... completed\n' });
    expect(host.xen.scenario.processors.now).toBe(120_000_000);
  });

  test('does not touch what is being worked on', () => {
    const { tool, host } = toolOf({ p: PLAN });
    host.xen.operate(actionOperation('p', 'APPLY'));
    expect(tool.revert('p')).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: 'Cannot execute revert.\nOperation already in progress.\n',
    });
  });

  test('finds out what the hypercall did not say', () => {
    const { tool } = toolOf({ p: { ...PLAN, data: true } });
    tool.apply('p');
    tool.revert('p');
    expect(tool.apply('p')).toEqual({
      exitCode: 1,
      stdout: 'Applying p... failed\n',
      stderr: 'Error 22: Invalid argument\n',
    });
  });

  test('takes the word of a hook for a state', () => {
    const { tool, host } = toolOf({ p: { hooks: { apply: [0x1000n] } } });
    let rc = 1;
    host.guest.scripts.set(0x1000n, () => rc);
    expect(tool.apply('p')).toEqual({
      exitCode: 1,
      stdout: 'Applying p... failed\n',
      stderr: 'p is in the wrong state.\nCurrent state: CHECKED\nExpected state: APPLIED\n',
    });
    rc = 2;
    expect(tool.apply('p')).toMatchObject({ exitCode: 0, stdout: 'Applying p... completed\n' });
    expect(host.xen.get('p').status).toEqual({ state: 1, rc: 2 });
    rc = 7;
    expect(tool.apply('p').stderr).toContain('Current state: unknown\n');
  });

  test('has no number for a hook that says no with a positive one', () => {
    const { tool, host } = toolOf({ p: { hooks: { preapply: [0x1000n] } } });
    host.guest.scripts.set(0x1000n, () => 5);
    // Nobody set errno, so the tool fails and ends well.
    expect(tool.apply('p')).toEqual({
      exitCode: 0,
      stdout: 'Applying p... failed\n',
      stderr: 'Error 0: Success\n',
    });
  });

  test('says that nothing came of it when nothing did', () => {
    const { tool, host } = toolOf({ p: PLAN, q: { ...PLAN, depends: 'p' } });
    host.guest.scripts.set(0x1000n, () => -11);
    const again = toolOf({ r: { hooks: { apply: [0x1000n] } } });
    again.host.guest.scripts.set(0x1000n, () => -11);
    expect(again.tool.apply('r')).toEqual({
      exitCode: 2,
      stdout: 'Applying r... failed\n',
      stderr: "Operation didn't complete.\n",
    });
    host.xen.scenario.cpuMapsLocked = true;
    expect(tool.apply('p').exitCode).toBe(2);
    // Refused before anything was scheduled, and yet for ever in progress.
    host.xen.scenario.cpuMapsLocked = false;
    expect(tool.apply('p').stderr).toBe('Cannot execute apply.\nOperation already in progress.\n');
    expect(tool.unload('p').exitCode).toBe(2);
  });

  test('knows names of errors', () => {
    expect(strerror(95)).toBe('Operation not supported');
    expect(strerror(200)).toBe('Unknown error 200');
  });

  test('lists what an old hypervisor tells', () => {
    const host = layHost({ p: PLAN }, { profile: PROFILES['4.7'] });
    uploadAll(host);
    expect(new XenLivepatch(host.xen).list().stdout).toContain(`p${' '.repeat(39)}| CHECKED    | \n`);
  });
});
