/** `doctor` on machines where something is missing, and `completion` in the shells that are here. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { nodeFinding, sizeText } from '../../../src/doctor/examine.js';
import { renderDoctor } from '../../../src/report/doctor.js';
import { runCli } from '../../support/cli.js';
import { testWith } from '../source/programs.js';

const folder = mkdtempSync(join(tmpdir(), 'doctor-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A folder with programs that tell a version and do nothing else. */
function path(name: string, ...programs: readonly string[]): string {
  const place = join(folder, name);
  mkdirSync(place, { recursive: true });
  for (const program of programs) {
    writeFileSync(join(place, program), `#!/bin/sh\necho ${program} 1.2.3\n`);
    chmodSync(join(place, program), 0o755);
  }
  return place;
}

const BUILD = ['make', 'gcc', 'ld', 'objcopy', 'flex', 'bison', 'python3'];
const cache = join(folder, 'cache');
const doctor = (PATH: string, ...args: readonly string[]): ReturnType<typeof runCli> =>
  runCli(['doctor', '--cache-dir', cache, ...args], { env: { PATH } });

describe('doctor', () => {
  test('0 where all is there that the work needs, and 1 with the command that mends what is not', async () => {
    const whole = path('whole', ...BUILD);
    const { code, stdout } = await doctor(whole);
    expect([code, stdout.split('\n').at(-2)]).toEqual([0, 'ready to build from source']);
    expect(stdout).toMatch(/ {2}gcc +ok {2}gcc 1\.2\.3\n/);
    const machine = await doctor(whole, '--for=qemu');
    expect(machine.code).toBe(1);
    expect(machine.stdout).toMatch(
      /qemu-system-x86_64 +missing {2}not on PATH\n +is there to run the hypervisor; to mend: /,
    );
    expect(machine.stdout).toMatch(/Debian packages +missing {2}there is no apt here/);
    const apt = join(path('apt', ...BUILD), 'apt-cache');
    const offer = async (version: string): Promise<string> => {
      writeFileSync(apt, `#!/bin/sh\necho ' xen-hypervisor-4.17-amd64 | ${version} | somewhere'\n`);
      chmodSync(apt, 0o755);
      return (await doctor(join(folder, 'apt'), '--for=qemu')).stdout;
    };
    expect(await offer('4.17.5+72-g01140da4e8-1')).toMatch(/Debian packages +ok .*offered by apt/);
    expect(await offer('4.19.0-1')).toMatch(
      /Debian packages +missing {2}apt offers Xen 4\.19\.0-1, and 4\.17/,
    );
    const bare = path('bare', ...BUILD.filter((program) => program !== 'flex' && program !== 'gcc'));
    const lacking = await doctor(bare);
    expect(lacking.code).toBe(1);
    expect(lacking.stdout.match(/to mend: .*(flex|gcc)$/gm)?.length).toBe(2);
    expect((await doctor(bare, '--for=objects')).code).toBe(0);
    const clang = await doctor(path('clang', 'clang'), '--compiler', 'clang', '--json');
    const found: unknown = JSON.parse(clang.stdout);
    expect(found).toMatchObject({ schema: 'xsplice-build/doctor/1', work: 'source', ready: false });
    expect(found).toHaveProperty(
      'findings',
      expect.arrayContaining([expect.objectContaining({ name: 'clang', state: 'ok' })]),
    );
  });

  test('a cache that cannot be written, an old Node.js', async () => {
    writeFileSync(join(folder, 'file'), '');
    const { code, stdout } = await runCli(['doctor', '--cache-dir', join(folder, 'file', 'below')], {
      env: { PATH: path('whole', ...BUILD) },
    });
    expect([code, /cache +unusable {2}ENOTDIR/.test(stdout)]).toEqual([1, true]);
    expect(nodeFinding('18.20.4')).toMatchObject({
      state: 'unusable',
      detail: '18.20.4, and 20 or later is needed',
    });
    expect(nodeFinding('22.0.0').state).toBe('ok');
  });

  test('what programs print about themselves cannot steer the terminal', () => {
    const finding = { ...nodeFinding('22.0.0'), detail: '\u001b[2J1.0' };
    const text = renderDoctor({ work: 'objects', findings: [finding], ready: true }, { color: false });
    expect(text).not.toContain('\u001b');
  });

  test('2: a work that there is not', async () => {
    expect((await doctor('/nowhere', '--for=everything')).code).toBe(2);
  });

  test('sizes have three digits and a unit', () => {
    expect([0, 1023, 1024, 1536, 1e6, 5e9, 2 ** 60].map(sizeText)).toEqual([
      '0 B',
      '1023 B',
      '1.00 KiB',
      '1.50 KiB',
      '977 KiB',
      '4.66 GiB',
      '1048576 TiB',
    ]);
  });
});

describe('completion', () => {
  const script = async (shell: string): Promise<string> => {
    const { code, stdout } = await runCli(['completion', shell]);
    expect(code).toBe(0);
    const file = join(folder, `completion.${shell}`);
    writeFileSync(file, stdout);
    return file;
  };

  testWith(['bash'], 'bash completes commands, options, values of options, and files', async () => {
    const file = await script('bash');
    const ask = (...words: readonly string[]): string[] =>
      execFileSync(
        'bash',
        [
          '-c',
          `source ${file}; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _xsplice_build; printf '%s\\n' "\${COMPREPLY[@]}"`,
          ...['bash', 'xsplice-build', ...words],
        ],
        { encoding: 'utf8', cwd: folder },
      )
        .split('\n')
        .filter((word) => word !== '');
    expect(ask('pl')).toEqual(['plan']);
    expect(ask('plan', '--pr')).toEqual(['--profile']);
    expect(ask('validate', 'x.xsplice', '--profile', '4.2')).toEqual(['4.20', '4.21']);
    expect(ask('--build', '=', 're')).toEqual(['replay']);
    expect(ask('--splice-nothing-like-it')).toEqual([]);
    expect(ask('inspect', 'completion.b')).toEqual(['completion.bash']);
  });

  for (const shell of ['zsh', 'fish'])
    testWith([shell], `${shell} reads its script`, async () => {
      execFileSync(shell, ['-n', await script(shell)]);
    });

  test('every command and every long option is in each script', async () => {
    const { stdout } = await runCli(['--help']);
    const commands = [...stdout.matchAll(/^ {2}([a-z-]+) /gm)]
      .map(([, name]) => name)
      .filter((name) => name !== 'help');
    expect(commands.length).toBeGreaterThan(9);
    for (const shell of ['bash', 'zsh', 'fish']) {
      const { stdout: text } = await runCli(['completion', shell]);
      expect(commands.filter((name) => !text.includes(name))).toEqual([]);
    }
  });

  test('2: a shell that there is not', async () => {
    expect((await runCli(['completion', 'csh'])).code).toBe(2);
  });
});
