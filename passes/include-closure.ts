/** Reads: selection. Makes: inclusion. Assumes: roots are changed functions and hooks. Reports: XS201, XS302, XS403, XS406, XS407. */
import type { SerialPass } from '../src/engine/pass.js';
import { closeOver } from '../src/model/closure.js';
import { verifyInclusion } from '../src/model/verify.js';
import type { Inclusion, Selection } from '../src/model/payload-artifacts.js';

/**
 * Everything that must come along: what the roots refer to and the hypervisor has not (new functions, new data,
 * literals, cold parts), and of each special section just the entries that describe included code.
 */
export const includeClosure: SerialPass<Selection, Inclusion> = {
  name: 'include-closure',
  reads: 'selection',
  makes: 'inclusion',
  verify: verifyInclusion,
  run: (selection, ctx) => closeOver(selection, ctx.report),
};
