/**
 * Data that a payload brings: what keeps it from being applied twice, per-CPU variables that would be one for all,
 * and sections that mean something only to code that has run at boot or to another hypervisor.
 */
import type { Diagnostic } from '../../diag/diagnostic.js';
import { diagnostic } from '../../diag/diagnostic.js';
import { printableName } from '../../diag/printable.js';
import { SHF_WRITE } from '../../elf/constants.js';
import type { LoadedPayload, LoadedSection } from '../../hypervisor/payload.js';
import type { LoaderProfile } from '../../hypervisor/profiles.js';
import { xenSectionRole } from '../../model/section-role.js';
import type { AddressMap, MappedPayload } from '../../atlas/address-map.js';

const PER_CPU_SYMBOL = /^(.*#)?per_cpu__/;

export function checkData(map: AddressMap, home: MappedPayload): Diagnostic[] {
  const { profile } = map.subject;
  return [
    ...checkReapply(home.payload, profile),
    ...checkPerCpu(map, home),
    ...checkUnread(home.payload, profile),
  ];
}

function checkReapply(payload: LoadedPayload, profile: LoaderProfile): Diagnostic[] {
  if (payload.safeToReapply || !profile.checksReapply) return [];
  const writable = payload.sections.filter(
    ({ name, size, sh_flags }) =>
      size > 0 && (sh_flags & SHF_WRITE) !== 0 && name !== `${profile.abi.sectionPrefix}.funcs`,
  );
  return [
    diagnostic('XS633', {
      message: `${payload.name} cannot be applied again once it was reverted: it has writable data`,
      at: { object: payload.name },
      notes: writable.map(({ name, size }) => `${printableName(name)}: ${String(size)} bytes`),
      hint: 'unload it after a revert and upload it anew; the data then begins with its initial values',
    }),
  ];
}

function checkPerCpu(map: AddressMap, home: MappedPayload): Diagnostic[] {
  const sections = home.payload.sections.filter(({ name, size, sh_flags }) => {
    return size > 0 && xenSectionRole(name, sh_flags) === 'percpu';
  });
  const symbols = home.payload.symbols.filter(({ name, address }) => {
    return PER_CPU_SYMBOL.test(name) && map.payloadAt(map.place(address)) === home;
  });
  const places =
    symbols.length > 0 ? symbols.map(({ address }) => address) : sections.map(({ address }) => address);
  return places.map((address) => {
    const place = map.place(address);
    return diagnostic('XS634', {
      message: `${map.title(place)} is a per-CPU variable, of which the running hypervisor makes no copies`,
      at: map.locate(place),
      hint: 'use an array with one element for each processor (NR_CPUS), indexed by smp_processor_id()',
    });
  });
}

function checkUnread(payload: LoadedPayload, profile: LoaderProfile): Diagnostic[] {
  return payload.sections.flatMap((section) => {
    const why = section.size === 0 ? undefined : whyUnread(section, profile);
    if (why === undefined) return [];
    return [
      diagnostic('XS635', {
        message: `${printableName(section.name)} is loaded, but nobody reads it: ${why}`,
        at: { object: payload.name, section: section.name, section_offset: 0 },
        hint: 'do in a load hook (.livepatch.hooks.load) what would have been done with it',
      }),
    ];
  });
}

function whyUnread({ name, sh_flags }: LoadedSection, profile: LoaderProfile): string | undefined {
  const own = /^\.(livepatch|xsplice)\.(?:hooks\.)?([^.]+)$/.exec(name);
  if (own !== null) return whyNotAsked(name, own[2], profile);
  switch (xenSectionRole(name, sh_flags)) {
    case 'init-text':
    case 'init-data':
      return 'what is done with it was done at boot';
    case 'boot-table':
      return 'its entries are gathered when the hypervisor is linked, or walked at boot';
    default:
      return undefined;
  }
}

/** Sections that speak to a loader, but not to this one. */
function whyNotAsked(name: string, kind: string, profile: LoaderProfile): string | undefined {
  const { sectionPrefix } = profile.abi;
  if (!name.startsWith(`${sectionPrefix}.`))
    return `the loader of ${profile.name} looks for ${sectionPrefix}`;
  const hook = name.startsWith(`${sectionPrefix}.hooks.`);
  const known = profile.hooks.some((one) => one === kind);
  return hook && !known ? `the loader of ${profile.name} knows no such hook` : undefined;
}
