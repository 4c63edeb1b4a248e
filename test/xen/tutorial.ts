/**
 * docs/tutorial.md, done as a newcomer would: its blocks of commands in order, in one shell, in an empty folder, with the
 * package of this tree; behind a block of commands, a block of text says what it prints. Nothing comes from a cache: the
 * packages are fetched and Xen is built. Done otherwise than they stand there: the package is that of this tree instead of the
 * registry's; what is to be installed is installed only in CI, elsewhere it has to be there; and where the machine lists its
 * sources in the older form, what the page says of that in words is done.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../../src/qemu/command.js';
import type { Check } from '../../src/qemu/scenario.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const PAGE = path.join(ROOT, 'docs/tutorial.md');
const MINUTES = 60_000;
const DEADLINE = 20 * MINUTES;
const INSTALL = 'sudo apt-get install -y ';
const SOURCES = '/etc/apt/sources.list.d/debian.sources';
const OLDER_SOURCES = "sed 's/^deb\\(.*\\)/&\\ndeb-src\\1/' /etc/apt/sources.list > sources/debian.list";
const PACKAGE = 'npm install --no-audit --no-fund xsplice-build';

export interface TutorialStep {
  readonly commands: string;
  /** Lines that it prints, in this order, others between them; `…` stands for anything. */
  readonly prints: readonly string[];
}

/** The blocks of a page. */
export function tutorialSteps(page: string): TutorialStep[] {
  const steps: { commands: string; prints: string[] }[] = [];
  for (const [, kind, body] of page.matchAll(/^```(sh|text)\n([\s\S]*?)^```$/gm)) {
    if (kind === 'sh') steps.push({ commands: body, prints: [] });
    else steps.at(-1)?.prints.push(...body.split('\n').filter((line) => line !== ''));
  }
  return steps;
}

/** Lines of `wanted` that do not come, in their order, in `printed`. */
export function missingLines(wanted: readonly string[], printed: readonly string[]): string[] {
  let from = 0;
  return wanted.filter((line) => {
    const parts = line
      .trim()
      .replace(/ +/g, ' ')
      .split('…')
      .map((part) => part.trim());
    const fits = (text: string): boolean => {
      let at = 0;
      return parts.every((part) => {
        const found = text.indexOf(part, at);
        at = found + part.length;
        return found >= 0;
      });
    };
    const found = printed.findIndex((text, k) => k >= from && fits(text.replace(/ +/g, ' ')));
    if (found < 0) return true;
    from = found + 1;
    return false;
  });
}

export async function proveTutorial(
  work: string,
  tell: (check: Check) => void,
  say: (line: string) => void,
): Promise<void> {
  const folder = path.join(work, 'tutorial');
  mkdirSync(folder);
  const packed = await run('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], {
    cwd: ROOT,
  });
  const steps = tutorialSteps(readFileSync(PAGE, 'utf8'));
  say('       going through the tutorial (three minutes)');
  const { sections, code } = await runSteps(steps, folder, path.join(folder, packed.trim()));
  for (const [k, { commands, prints }] of steps.entries()) {
    const printed = sections.at(k);
    const missing = printed === undefined ? prints : missingLines(prints, printed);
    const isLast = printed !== undefined && sections.length === k + 1;
    tell({
      label: `step ${String(k + 1)}: ${commands.split('\n')[0].slice(0, 60)}`,
      passed: printed !== undefined && missing.length === 0 && (!isLast || code === 0),
      detail: [
        ...missing.map((line) => `does not print: ${line}`),
        ...(printed ?? ['was not reached']).slice(-20),
      ],
    });
  }
}

/** What each step printed, as far as it came. */
async function runSteps(
  steps: readonly TutorialStep[],
  folder: string,
  tarball: string,
): Promise<{ readonly sections: readonly (readonly string[])[]; readonly code: number | null }> {
  const isRoot = process.getuid?.() === 0;
  const adapted = steps.map(({ commands }) => {
    const own = commands
      .replace(PACKAGE, `${PACKAGE.replace(/\S+$/, '')}'${tarball}'`)
      .replace(/^sed .*\/debian\.sources$/m, (line) => (existsSync(SOURCES) ? line : OLDER_SOURCES));
    if (process.env['CI'] !== 'true' && own.includes(INSTALL)) return ': what is needed has to be there\n';
    return isRoot ? own.replaceAll('sudo ', '') : own;
  });
  const script = ['set -eu', ...adapted.map((commands, k) => `echo "@@step ${String(k)}"\n${commands}`)].join(
    '\n',
  );
  const child = spawn('bash', ['-c', script], {
    cwd: folder,
    env: {
      ...process.env,
      NODE_OPTIONS: '',
      DEBIAN_FRONTEND: 'noninteractive',
      XSPLICE_CACHE: path.join(folder, 'cache'),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const stop = (): void => void process.kill(-(child.pid ?? 0), 'SIGKILL');
  const timer = setTimeout(stop, DEADLINE);
  process.once('exit', stop);
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (part: string) => (text += part));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  clearTimeout(timer);
  process.off('exit', stop);
  const sections = text
    .split(/^@@step \d+\n/m)
    .slice(1)
    .map((section) => section.split(/\r?\n/).filter((line) => line.trim() !== ''));
  return { sections, code };
}
