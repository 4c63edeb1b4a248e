/**
 * Why functions of a tree differ from those of the image, as far as the files tell: another compiler, a debug build
 * against a release, other options, a patch that one side lacks. The first is what a user should look at first.
 */
import { bytesAt, symbolsNamed } from '../xen/linked-image.js';
import type { LinkedImage } from '../xen/linked-image.js';
import type { BaseCause, ObjectProof, UnprovenFunction } from './base-artifacts.js';

/** Share of functions that differ from which on it is no patch. */
const MOST = 0.3;
const SHOWN = 3;
const MANY = 20;

export function causesOf(image: LinkedImage, objects: readonly ObjectProof[]): BaseCause[] {
  const differing = objects.flatMap(({ unproven }) =>
    unproven.filter(({ verdict }) => verdict === 'differs'),
  );
  if (differing.length === 0) return [];
  const functions = objects.reduce((sum, { proven, unproven }) => sum + proven.length + unproven.length, 0);
  const certain = [compilerCause(image, objects), debugCause(image, objects)].filter(
    (cause) => cause !== undefined,
  );
  const guess =
    functions >= MANY && differing.length >= functions * MOST
      ? mostlyCause(differing, functions, certain.length > 0)
      : [...missingCause(differing), ...patchCause(differing.filter(({ kind }) => kind !== 'missing'))];
  return [...certain, ...guess];
}

function compilerCause(image: LinkedImage, objects: readonly ObjectProof[]): BaseCause | undefined {
  const ours = new Set(objects.flatMap(({ compilers }) => compilers));
  const other = [...ours].filter((text) => !image.compilers.includes(text));
  if (image.compilers.length === 0 || other.length === 0) return undefined;
  const text = `another compiler: the objects were made by ${other.join(', ')}, the image by ${image.compilers.join(', ')}`;
  return { text, certain: true };
}

/** A release build has no asserts (CONFIG_DEBUG); the image keeps their frames between two symbols. */
function debugCause(image: LinkedImage, objects: readonly ObjectProof[]): BaseCause | undefined {
  const asserts = assertsOf(image);
  const ours = objects.some((object) => object.asserts);
  // Few objects may do without asserts in any build.
  if (asserts === undefined || ours === asserts || (!ours && objects.length < MANY)) return undefined;
  const [one, other] = ours ? ['debug', 'release'] : ['release', 'debug'];
  return {
    text: `the objects are of a ${one} build and the image is of a ${other} build (CONFIG_DEBUG): check .config`,
    certain: true,
  };
}

function assertsOf(image: LinkedImage): boolean | undefined {
  const [start] = symbolsNamed(image, '__stop_bug_frames_2');
  const [stop] = symbolsNamed(image, '__stop_bug_frames_3');
  if (start === undefined || stop === undefined) return undefined;
  const size = image.places[stop] - image.places[start];
  return size > 0 && bytesAt(image, image.places[start], 1) !== undefined;
}

function mostlyCause(differing: readonly UnprovenFunction[], functions: number, known: boolean): BaseCause[] {
  if (known) return [];
  const sizes = differing.filter(({ kind }) => kind === 'size').length;
  return [
    {
      text: `${differing.length} of ${functions} functions differ, ${sizes} of them in size: it is another release, configuration (.config) or set of compiler options, not a patch`,
      certain: false,
    },
  ];
}

function missingCause(differing: readonly UnprovenFunction[]): BaseCause[] {
  const missing = differing.filter(({ kind }) => kind === 'missing').map(({ name }) => name);
  if (missing.length === 0) return [];
  const text = `the image does not have ${listed(missing)}: another configuration (.config), or a patch that only the source has`;
  return [{ text, certain: false }];
}

function patchCause(differing: readonly UnprovenFunction[]): BaseCause[] {
  if (differing.length === 0) return [];
  const where = listed([...new Set(differing.map(({ object }) => object))]);
  const many = differing.length === 1 ? '1 function differs' : `${differing.length} functions differ`;
  const text = `${many}, in ${where}: a patch that only one side has, another .config, or other options of the compiler`;
  return [{ text, certain: false }];
}

export function listed(names: readonly string[]): string {
  const rest = names.length - SHOWN;
  return `${names.slice(0, SHOWN).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
