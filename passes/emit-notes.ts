/** Reads: laid-out-payload. Makes: finished-payload. Assumes: everything but the notes is in place. Reports: nothing. */
import { createHash } from 'node:crypto';
import type { SerialPass } from '../src/engine/pass.js';
import * as c from '../src/elf/constants.js';
import { buildNote } from '../src/elf/notes.js';
import { writeElf } from '../src/elf/write.js';
import type { OutputObject, OutputSection } from '../src/elf/write.js';
import type { FinishedPayload, LaidOutPayload } from '../src/model/payload-artifacts.js';

/**
 * Appends what the payload depends on and who it is. Its build-id is a hash of the whole file as it stands with
 * a build-id of zeros, so it covers the dependencies too: one patch on two bases gives two ids.
 */
export const emitNotes: SerialPass<LaidOutPayload, FinishedPayload> = {
  name: 'emit-notes',
  reads: 'laid-out-payload',
  makes: 'finished-payload',
  run: ({ resolved, object }) => {
    const { abi, depends, xenDepends, modinfo } = resolved.context.wishes;
    const sections = [
      ...(modinfo.length === 0 ? [] : [modinfoSection(modinfo)]),
      noteSection(`${abi.sectionPrefix}.depends`, depends),
      ...(abi.xenDepends ? [noteSection(`${abi.sectionPrefix}.xen_depends`, xenDepends)] : []),
    ];
    const withId = (buildId: Uint8Array): OutputObject => ({
      ...object,
      sections: [...object.sections, ...sections, noteSection('.note.gnu.build-id', buildId)],
    });
    const buildId = createHash('sha1')
      .update(writeElf(withId(new Uint8Array(20))))
      .digest();
    const finished = withId(buildId);
    const { replaced } = resolved;
    return {
      kind: 'finished-payload',
      bytes: writeElf(finished),
      buildId,
      replaced,
      resolved,
      object: finished,
    };
  },
};

function noteSection(name: string, buildId: Uint8Array): OutputSection {
  const bytes = buildNote({ name: 'GNU', type: c.NT_GNU_BUILD_ID, desc: buildId });
  return { name, sh_type: c.SHT_NOTE, sh_flags: c.SHF_ALLOC, sh_addralign: 4, sh_entsize: 0, bytes };
}

function modinfoSection(entries: readonly string[]): OutputSection {
  const bytes = Buffer.from(entries.map((entry) => `${entry}\0`).join(''), 'utf8');
  return {
    name: '.modinfo',
    sh_type: c.SHT_PROGBITS,
    sh_flags: c.SHF_ALLOC,
    sh_addralign: 1,
    sh_entsize: 0,
    bytes,
  };
}
