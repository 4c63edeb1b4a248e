/**
 * All that can be told of loaded payloads by looking: what the hypervisor dies of without refusing it, and what
 * restricts who uses them. Each check is a file of its own beside this one.
 */
import type { Diagnostic } from '../../diag/diagnostic.js';
import { AddressMap } from '../../atlas/address-map.js';
import { CodePieces } from '../../atlas/code-pieces.js';
import { checkData } from './data.js';
import { checkDependents } from './dependents.js';
import { checkEntryBranches } from './entry-branches.js';
import { branchesPastEntries } from './live-branches.js';
import { checkNopRecords } from './nop-records.js';
import { findPatches } from './patches.js';
import { checkRecords } from './records.js';
import { readReferences } from './references.js';
import { RelocationCheck } from './relocations.js';
import type { HazardSubject } from '../../atlas/subject.js';
import { checkSplices } from './splices.js';
import { checkTables } from './tables.js';

/** Findings about every payload of the stack: XS610 to XS619 and XS630 to XS642. Reads the memory, writes nothing. */
export function findHazards(subject: HazardSubject): Diagnostic[] {
  const map = new AddressMap(subject);
  const pieces = new CodePieces(map);
  const patches = findPatches(map);
  const patched = branchesPastEntries(map, pieces, patches);
  const relocations = new RelocationCheck(map, pieces, patches, patched);
  return [
    ...checkRecords(map, patches),
    ...checkNopRecords(map, pieces, patches),
    ...checkEntryBranches(map, patches, patched),
    ...checkSplices(map, pieces, patches),
    ...map.payloads.flatMap((home) => {
      const references = readReferences(map, home);
      return [
        ...relocations.check(home, references),
        ...checkTables(map, home),
        ...checkData(map, home),
        ...checkDependents(map, home, references),
      ];
    }),
  ];
}
