/** What a report says of how good a payload is: diagnostics, the plan, the base, the validator, and what it is made of. */
import type { Diagnostic } from '../../diag/diagnostic.js';
import { renderLocation } from '../../diag/render.js';
import type { BuildDocument } from '../json.js';
import { html, NONE } from './markup.js';
import type { Markup } from './markup.js';
import { section } from './section.js';
import type { ReportSubject } from './subject.js';
import { table } from './table.js';

type Plan = NonNullable<BuildDocument['plan']>;
type Base = NonNullable<BuildDocument['base']>;
type ValidationSummary = NonNullable<BuildDocument['validation']>;
type Scenario = ValidationSummary['scenarios'][number];

const MOST_ROWS = 2000;
const SEVERITIES = { error: 'bad', warning: 'warn', note: 'dim' } as const;

export function diagnostics({ document }: ReportSubject): Markup {
  const all = [...document.diagnostics, ...document.objects.flatMap((object) => object.diagnostics)];
  const seen = new Set<string>();
  const once = all.filter((found) => {
    const key = JSON.stringify([found.code, found.message, found.at]);
    return !seen.has(key) && seen.add(key).size > 0;
  });
  const body =
    once.length === 0
      ? html`<p>Nothing: there is no error, no warning and no note.</p>`
      : html`${once.slice(0, MOST_ROWS).map(one)}`;
  return section('said', 'What the tool says', body);
}

function one({ code, severity, message, at, frame = [], notes, hint }: Diagnostic): Markup {
  const place = renderLocation(at);
  return html`<h3><span class="${SEVERITIES[severity]}">${severity} ${code}</span>: ${message}</h3>
    ${place === '' ? NONE : html`<p class="code dim">${place}</p>`}
    ${frame.length === 0 ? NONE : html`<pre tabindex="0" aria-label="code frame">${frame.join('\n')}</pre>`}
    ${
      notes.length + (hint === undefined ? 0 : 1) === 0
        ? NONE
        : html`<ul>
            ${notes.map((note) => html`<li>${note}</li>`)}${hint === undefined ? NONE : html`<li><strong>what to do</strong>: ${hint}</li>`}
          </ul>`
    }`;
}

const WAYS = { 'in-place': 'in place', callers: 'at its callers', trampoline: 'by trampoline' } as const;

export function plan({ document }: ReportSubject): Markup {
  const body =
    document.plan === null
      ? html`<p>It was not made: the payload was neither proven nor spliced by choice.</p>`
      : planTable(document.plan);
  return section('plan', 'The plan', body);
}

function planTable({ functions }: Plan): Markup {
  const says = (possible: boolean, obstacles: readonly string[], open: string): string =>
    possible ? open : `no: ${obstacles.join('; ')}`;
  const rows = functions.map(({ name, address, way = 'trampoline', inPlace, callers, trampoline }) => {
    const { sites, slots, alternatives, uses } = callers;
    const count = `${String(sites.length)} calls and jumps, ${String(slots.length)} pointers, ${String(alternatives.length)} alternatives`;
    const places = [
      ...sites.map((site) => `${site.address}: ${site.kind} in ${site.place}`),
      ...slots.map((slot) => `${slot.address}: pointer in ${slot.place}`),
      ...alternatives.map((site) => `${site.address}: alternative in ${site.place}`),
      ...uses.map((use) => `${use.address}: ${use.place} takes its address`),
    ];
    const list =
      places.length === 0
        ? NONE
        : html`<details>
            <summary>where</summary>
            <ul class="code">
              ${places.slice(0, MOST_ROWS).map((place) => html`<li>${place}</li>`)}
            </ul>
          </details>`;
    return html`<tr>
      <th scope="row"><code>${name}</code></th>
      <td class="m">${address}</td>
      <td>${WAYS[way]}</td>
      <td>${says(inPlace.possible, inPlace.obstacles, `fits into ${String(inPlace.room)} bytes`)}</td>
      <td>${says(callers.possible, callers.obstacles, count)}${list}</td>
      <td>${says(trampoline.possible, trampoline.obstacles, 'yes')}</td>
    </tr>`;
  });
  return table({
    label: 'ways to splice',
    caption: 'The ways to get to each new function, and which was taken',
    columns: ['function', 'address', 'taken', 'in place', 'at its callers', 'by trampoline'],
    rows,
  });
}

export function base({ document }: ReportSubject): Markup {
  const body =
    document.base === null
      ? html`<p class="warn">It was not proven that what is replaced is what the hypervisor runs.</p>`
      : baseTable(document.base);
  return section('base', 'The base', body);
}

function baseTable({ list, proven, functions }: Base): Markup {
  const rows = list.map(
    ({ name, role, verdict, reason }) =>
      html`<tr>
        <td class="m">${name}</td>
        <td>${role}</td>
        <td class="${verdict === 'proven' ? 'good' : 'warn'}">${verdict}</td>
        <td>${reason}</td>
      </tr>`,
  );
  return html`<p>
      ${proven} of ${functions} functions that are replaced or relied on are proven to be what the image of
      the hypervisor holds.
    </p>
    ${table({ label: 'functions of the base', columns: ['function', 'role', 'verdict', 'why not'], rows })}`;
}

const LEVELS = {
  accepts: 'the loader accepts it',
  applies: 'it applies, and all is as before when it is reverted',
  hazards: 'nothing in it kills a host that the loader would let it',
  runs: 'scenarios come out as they shall',
} as const;
const COLOURS: Readonly<Record<string, string>> = {
  passed: 'good',
  failed: 'bad',
  'not reached': 'warn',
  'not asked': 'dim',
};

export function proof({ document: { validation } }: ReportSubject): Markup {
  const body =
    validation === null
      ? html`<p class="warn">The payload was not proven in the emulated hypervisor.</p>`
      : provenLevels(validation);
  return section('proof', 'The proof', body);
}

function provenLevels({
  levels,
  profile,
  compared_bytes: compared,
  steps,
  scenarios,
}: ValidationSummary): Markup {
  const rows = (['accepts', 'applies', 'hazards', 'runs'] as const).map(
    (level) =>
      html`<tr>
        <th scope="row">${level}</th>
        <td>${LEVELS[level]}</td>
        <td class="${COLOURS[levels[level]]}">${levels[level]}</td>
      </tr>`,
  );
  const told = steps.map(
    ({ action, payload, rc, console }) =>
      html`<li>
        ${action} ${payload}:
        ${rc}${console.length === 0 ? NONE : html`<pre tabindex="0" aria-label="console">${console.map((line) => `(XEN) ${line}`).join('\n')}</pre>`}
      </li>`,
  );
  return html`<p>
      In an emulated hypervisor, by the rules of
      ${profile === 'xsplice-v1' ? 'the first design' : `Xen ${profile}`}; ${compared} bytes of it were
      compared after the revert.
    </p>
    ${table({ label: 'levels of the proof', columns: ['level', 'means', 'verdict'], rows })}
    <details>
      <summary>${steps.length} steps</summary>
      <ol>
        ${told}
      </ol>
    </details>
    ${scenarios.map(scenario)}`;
}

function scenario({ title, path, calls, rendezvous, coverage }: Scenario): Markup {
  const checks = [
    ...calls.map(({ title: what, phase, passed, complaints, returned, died }) => ({
      what,
      phase,
      passed,
      says: died === null ? (returned ?? 'done') : `the host dies: ${died}`,
      complaints,
    })),
    ...rendezvous.map(({ title: what, passed, complaints, rc }) => ({
      what,
      phase: 'meeting',
      passed,
      says: String(rc),
      complaints,
    })),
  ];
  const rows = checks.slice(0, MOST_ROWS).map(
    ({ what, phase, passed, says, complaints }) =>
      html`<tr>
        <td>${what}</td>
        <td>${phase}</td>
        <td class="${passed ? 'good' : 'bad'}">${passed ? 'as expected' : 'not as expected'}</td>
        <td class="m">${[says, ...complaints].join('; ')}</td>
      </tr>`,
  );
  const ran = coverage.functions.map(
    ({ name, executed, size }) => html`<li><code>${name}</code>: ${executed} of ${size} bytes ran</li>`,
  );
  return html`<h3>Scenario: ${title}</h3>
    <p class="dim code">${path}</p>
    ${table({ label: 'calls of the scenario', columns: ['call', 'when', 'verdict', 'outcome'], rows })}
    <details>
      <summary>${coverage.executed} of ${coverage.total} bytes of new code ran</summary>
      <ul>
        ${ran}
      </ul>
    </details>`;
}

export function inputs({ inputs: rows, document, version }: ReportSubject): Markup {
  const { payload } = document;
  const identity =
    payload === null
      ? NONE
      : html`<dl>
          <dt>build-id of the payload</dt>
          <dd><code>${payload.build_id}</code></dd>
          <dt>goes on top of</dt>
          <dd><code>${payload.depends}</code></dd>
          <dt>hypervisor</dt>
          <dd><code>${payload.xen_depends}</code></dd>
          <dt>bytes</dt>
          <dd>${payload.size}</dd>
          <dt>made by</dt>
          <dd>xsplice-build ${version}</dd>
        </dl>`;
  const list =
    rows.length === 0
      ? html`<p>Nothing was written, so no inputs were recorded.</p>`
      : table({
          label: 'inputs',
          caption: 'SHA-256 of the inputs',
          columns: ['what', 'path', 'SHA-256'],
          rows: rows.slice(0, MOST_ROWS).map(
            ({ what, path, sha256 }) =>
              html`<tr>
                <td>${what}</td>
                <td class="m">${path}</td>
                <td class="m">${sha256}</td>
              </tr>`,
          ),
        });
  return section('inputs', 'Inputs and identity', html`${identity}${list}`);
}

/** The verdicts in a line each, for the head of the report. */
export function badges({ document }: ReportSubject): Markup {
  const { validation, base: summary, payload } = document;
  const items: (readonly [string, string])[] = [
    payload === null ? ['refused', 'bad'] : ['a payload was made', 'good'],
    summary === null
      ? ['base not proven', 'warn']
      : [
          `base ${String(summary.proven)} of ${String(summary.functions)} proven`,
          summary.proven === summary.functions ? 'good' : 'warn',
        ],
    ...(validation === null
      ? ([['not proven', 'warn']] as const)
      : Object.entries(validation.levels).map(
          ([level, verdict]) => [`${level}: ${verdict}`, COLOURS[verdict]] as const,
        )),
  ];
  return html`<ul class="verdicts" aria-label="verdicts">
    ${items.map(([text, colour]) => html`<li class="${colour}">${text}</li>`)}
  </ul>`;
}
