/**
 * What the schema of SARIF 2.1.0 demands of the parts that are written here: required properties, their types,
 * enumerations, and the rules of the text that no schema says (indices that lead somewhere).
 */
interface Shape {
  readonly required: Readonly<Record<string, Check>>;
  readonly optional?: Readonly<Record<string, Check>>;
}

type Check = (value: unknown, place: string) => string[];

const text: Check = (value, place) =>
  typeof value === 'string' && value !== '' ? [] : [`${place}: no text`];

const whole =
  (least: number): Check =>
  (value, place) =>
    typeof value === 'number' && Number.isInteger(value) && value >= least ? [] : [`${place}: no number`];

const flag: Check = (value, place) => (typeof value === 'boolean' ? [] : [`${place}: no boolean`]);

const one =
  (...allowed: readonly string[]): Check =>
  (value, place) =>
    typeof value === 'string' && allowed.includes(value) ? [] : [`${place}: ${String(value)} is not allowed`];

const listOf =
  (check: Check, least = 0): Check =>
  (value, place) =>
    Array.isArray(value) && value.length >= least
      ? value.flatMap((element: unknown, k) => check(element, `${place}[${k}]`))
      : [`${place}: no list of at least ${least}`];

const texts: Check = (value, place) =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([name, element]) => text(element, `${place}.${name}`))
    : [`${place}: no object`];

function shape({ required, optional = {} }: Shape): Check {
  return (value, place) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${place}: no object`];
    const known: Readonly<Record<string, Check>> = { ...required, ...optional };
    const given = new Map<string, unknown>(Object.entries(value));
    return [
      ...Object.keys(required)
        .filter((name) => !given.has(name))
        .map((name) => `${place}: ${name} is missing`),
      ...[...given].flatMap(([name, element]) =>
        name in known ? known[name](element, `${place}.${name}`) : [`${place}: ${name} is not known here`],
      ),
    ];
  };
}

const message = shape({ required: { text } });
const level = one('none', 'note', 'warning', 'error');

const uri: Check = (value, place) =>
  typeof value === 'string' && /^(?:file:\/\/\/)?[\w\-.~!*'()%/]+$/.test(value) ? [] : [`${place}: no URI`];

const location = shape({
  required: {
    physicalLocation: shape({
      required: { artifactLocation: shape({ required: { uri } }) },
      optional: {
        region: shape({
          required: {},
          optional: { startLine: whole(1), byteOffset: whole(0), byteLength: whole(0) },
        }),
      },
    }),
  },
  optional: {
    logicalLocations: listOf(
      shape({ required: { name: text, fullyQualifiedName: text, kind: one('function', 'module') } }),
      1,
    ),
  },
});

const rule = shape({
  required: {
    id: text,
    shortDescription: message,
    fullDescription: message,
    help: message,
    defaultConfiguration: shape({ required: { level } }),
  },
});

const run = shape({
  required: {
    tool: shape({
      required: {
        driver: shape({
          required: { name: text, version: text, semanticVersion: text, rules: listOf(rule) },
        }),
      },
    }),
    results: listOf(
      shape({
        required: {
          ruleId: text,
          ruleIndex: whole(0),
          level,
          message,
          locations: listOf(location, 1),
          partialFingerprints: texts,
        },
      }),
    ),
    invocations: listOf(shape({ required: { executionSuccessful: flag, exitCode: whole(0) } }), 1),
    columnKind: one('utf16CodeUnits', 'unicodeCodePoints'),
  },
});

const log = shape({ required: { $schema: text, version: one('2.1.0'), runs: listOf(run, 1) } });

/** Complaints about a log; none when it is well-formed. */
export function sarifComplaints(value: unknown): string[] {
  const found = log(value, 'log');
  return found.length > 0 ? found : indexComplaints(value);
}

interface WellFormed {
  readonly runs: readonly {
    readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
    readonly results: readonly { readonly ruleId: string; readonly ruleIndex: number }[];
  }[];
}

function indexComplaints(value: unknown): string[] {
  return (value as WellFormed).runs.flatMap(({ tool, results }) =>
    results
      .filter(({ ruleId, ruleIndex }) => tool.driver.rules.at(ruleIndex)?.id !== ruleId)
      .map(({ ruleId, ruleIndex }) => `rule ${ruleId} is not at ${ruleIndex}`),
  );
}
