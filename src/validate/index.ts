/**
 * The validator as the library offers it: reads the files that a request names, chooses the rules of the loader,
 * and proves the payloads.
 */
import type { Report } from '../diag/diagnostic.js';
import type { EngineMaker } from '../emulator/engine.js';
import type { LoaderProfile, ProfileName } from '../hypervisor/profiles.js';
import { PROFILES } from '../hypervisor/profiles.js';
import { readFileOrReport } from '../read-file.js';
import type { XenImage } from '../xen/image.js';
import type { AbiName } from '../xen/versions.js';
import { imageProfileOf } from '../hypervisor/choose-profile.js';
import { payloadAbi } from './payload-abi.js';
import type { HazardSubject } from '../atlas/subject.js';
import { proveInSteps } from './prove.js';
import { RunControl } from '../run/run-control.js';
import { readScenario } from './scenario/scenario-file.js';
import type { PayloadFile, ScenarioFile, Validation } from './validation.js';

/** What is read of a file: the loader takes payloads of 2 MiB, and says so of longer ones. */
const MOST_PAYLOAD_BYTES = 64 << 20;
const MOST_SCENARIO_BYTES = 4 << 20;

export interface ProofRequest {
  readonly image: XenImage;
  /** In the order in which they are applied; a payload without `bytes` is read from its path. */
  readonly payloads: readonly { readonly path: string; readonly bytes?: Uint8Array }[];
  /** Rules of this loader, instead of those of the image's release. */
  readonly profile?: ProfileName;
  /** Paths of scenarios. */
  readonly scenarios?: readonly string[];
  readonly replaces?: boolean;
  readonly nodeps?: boolean;
  readonly buildId?: Uint8Array;
  /** Hears of each step, and may end the proof between steps: Interrupted is thrown then. */
  readonly control?: RunControl;
  /** Called with the payloads as they were loaded, when all were accepted. */
  readonly observe?: (subject: HazardSubject) => void;
}

/** Proves payloads. Reports XS104 and XS620 for files that cannot be read; undefined then. */
export async function prove(request: ProofRequest, report: Report): Promise<Validation | undefined> {
  const payloads = request.payloads.map(({ path, bytes }) => readPayload(path, bytes, report));
  const scenarios = (request.scenarios ?? []).map((path) => readScenarioFile(path, report));
  const whole = payloads.filter((payload) => payload !== undefined);
  const read = scenarios.filter((scenario) => scenario !== undefined);
  if (whole.length < payloads.length || read.length < scenarios.length) return undefined;
  const { image, replaces, nodeps, buildId, observe, control = new RunControl() } = request;
  const engine = await engineFor(read);
  const steps = proveInSteps({
    image,
    payloads: whole,
    scenarios: read,
    profile: chooseProfile(image, whole, request.profile),
    ...(replaces !== undefined && { replaces }),
    ...(nodeps !== undefined && { nodeps }),
    ...(buildId !== undefined && { buildId }),
    ...(engine !== undefined && { engine }),
    ...(observe !== undefined && { observe }),
  });
  return await control.drive(steps);
}

/** The engine that translates code, for proofs that run much of it. Others need not wait until it is loaded. */
async function engineFor(scenarios: readonly ScenarioFile[]): Promise<EngineMaker | undefined> {
  if (scenarios.length === 0) return undefined;
  const { wasmEngine } = await import('../emulator/wasm/engine.js');
  return wasmEngine();
}

function readPayload(path: string, given: Uint8Array | undefined, report: Report): PayloadFile | undefined {
  const bytes = given ?? readFileOrReport(path, report, MOST_PAYLOAD_BYTES);
  return bytes && { path, bytes };
}

function readScenarioFile(path: string, report: Report): ScenarioFile | undefined {
  const bytes = readFileOrReport(path, report, MOST_SCENARIO_BYTES);
  const scenario = bytes && readScenario(path, Buffer.from(bytes).toString('utf8'), report);
  return scenario && { path, scenario };
}

const PROFILE_OF_ABI: Readonly<Record<AbiName, ProfileName>> = {
  'livepatch-v2': '4.17',
  'livepatch-v1': '4.7',
  'xsplice-v1': 'xsplice-v1',
};

/**
 * The rules that were asked for; else those of the first design, when a payload has its section names, which no
 * release of Xen ever took; else those of the image's release; else those that go with the form of the payload.
 */
export function chooseProfile(
  image: XenImage,
  payloads: readonly PayloadFile[],
  asked: ProfileName | undefined,
): LoaderProfile {
  if (asked !== undefined) return PROFILES[asked];
  const abi = payloads.map(({ bytes }) => payloadAbi(bytes)).find((found) => found !== undefined);
  if (abi === 'xsplice-v1') return PROFILES['xsplice-v1'];
  return imageProfileOf(image) ?? PROFILES[PROFILE_OF_ABI[abi ?? 'livepatch-v2']];
}
