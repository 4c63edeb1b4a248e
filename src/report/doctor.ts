/** What `doctor` found, as text and as a JSON document. */
import pc from 'picocolors';
import { withoutControls as printable } from '../diag/printable.js';
import type { Examination, Finding, Work } from '../doctor/examine.js';

export interface DoctorDocument extends Examination {
  readonly schema: 'xsplice-build/doctor/1';
  readonly tool: string;
}

export function doctorDocument(tool: string, examination: Examination): DoctorDocument {
  return { schema: 'xsplice-build/doctor/1', tool, ...examination };
}

const HEADINGS: Readonly<Record<Work, string>> = {
  objects: 'to compare, link and prove',
  source: 'to build from source',
  qemu: 'to try payloads on the real hypervisor',
};

/** A line for each thing, under the work that needs it; what is wrong, with what mends it; then a verdict. */
export function renderDoctor(
  { work, findings, ready }: Examination,
  options: { readonly color: boolean },
): string {
  const color = pc.createColors(options.color);
  const width = Math.max(...findings.map(({ name }) => name.length));
  const lines = Object.entries(HEADINGS).flatMap(([of, heading]) => [
    color.bold(heading),
    ...findings.filter((one) => one.work === of).flatMap(renderFinding),
  ]);
  const verdict = ready
    ? color.green(`ready ${HEADINGS[work]}`)
    : color.red(
        `not ready ${HEADINGS[work]}: ${findings.filter(isWrong).length} of ${findings.length} are wrong`,
      );
  return `${[...lines, verdict].join('\n')}\n`;

  function renderFinding(one: Finding): string[] {
    const line = `  ${one.name.padEnd(width)}  ${stateText(one)}  ${printable(one.detail)}`;
    return one.mend === null
      ? [line]
      : [line, `  ${' '.repeat(width)}  ${one.why}; to mend: ${printable(one.mend)}`];
  }

  function stateText({ state }: Finding): string {
    return state === 'ok' ? color.green('ok') : color.red(state);
  }
}

const isWrong = ({ state }: Finding): boolean => state !== 'ok';
