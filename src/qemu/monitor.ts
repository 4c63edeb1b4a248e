/**
 * QEMU's own console. It is asked when a host gives no answer, and for one thing: where its processors are. That tells
 * one that runs in circles from one that sleeps, and from an emulator that lost its way.
 */
import type { ChildProcess } from 'node:child_process';
import { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

/** The descriptor that QEMU finds its end of the line at. */
const DESCRIPTOR = 3;
/** Milliseconds: QEMU answers from a thread of its own, also when its processors hang. */
const PATIENCE = 2000;

export const MONITOR_ARGUMENTS: readonly string[] = [
  ...['-chardev', `socket,id=monitor,fd=${String(DESCRIPTOR)}`],
  ...['-mon', 'chardev=monitor,mode=readline'],
];

/** What QEMU says of its processors, whole; '' when it says nothing. */
export async function processorStates(qemu: ChildProcess): Promise<string> {
  const monitor = qemu.stdio[DESCRIPTOR];
  if (!(monitor instanceof Duplex)) return '';
  let text = '';
  monitor.on('error', () => undefined); // its end is noticed elsewhere
  monitor.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  monitor.write('info registers -a\n');
  await sleep(PATIENCE);
  monitor.removeAllListeners('data');
  return text;
}

/** One line for each processor: `CPU 1 at ffff82d040234567, halted`. */
export function whereabouts(states: string): readonly string[] {
  return states
    .split(/^CPU#/m)
    .slice(1)
    .map((state) => {
      const [number] = /^\d+/.exec(state) ?? ['?'];
      const rip = /\bRIP=([0-9a-f]+)/.exec(state)?.[1] ?? 'an unknown place';
      return `CPU ${number} at ${rip}${/\bHLT=1/.test(state) ? ', halted' : ''}`;
    });
}
