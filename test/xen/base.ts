/**
 * The acceptance of the proof of the base: every function of the tree that is built from Debian's source package stands
 * in the hypervisor that Debian ships, but for what tells of the build.
 */
import { checkBase } from '../../src/index.js';
import type { Check } from '../../src/qemu/scenario.js';
import { baseObjects } from '../../src/source/index.js';

/** Functions of Xen 4.17 are about 4,500; far fewer would mean that most were not looked at. */
const AT_LEAST = 4_000;

export async function proveTree(tree: string, image: string, report: (check: Check) => void): Promise<void> {
  const found: string[] = [];
  const objects = await baseObjects(tree, ({ message }) => found.push(message));
  const { proof, diagnostics } = await checkBase({ image, objects: objects ?? [] });
  const { functions = 0, proven = 0, stamped = 0, differ = 0, unchecked = 0 } = proof?.counts ?? {};
  const unproven = (proof?.objects ?? []).flatMap((object) => object.unproven);
  report({
    label: `base proven: ${proven} of ${functions} functions, ${stamped} differ in what tells of the build`,
    passed: functions >= AT_LEAST && proven > 0 && differ === 0 && unchecked === 0,
    detail: [
      ...[...found, ...diagnostics.map(({ message }) => message)],
      ...unproven.map(({ name, verdict, reasons }) => `${name}: ${verdict}: ${reasons.join('; ')}`),
    ],
  });
  report({
    label: 'what tells of the build is all in common/version.c',
    passed: unproven.every(({ object }) => object === 'common/version.o'),
    detail: unproven.map(({ object, name }) => `${object}: ${name}`),
  });
}
