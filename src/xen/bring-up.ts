/**
 * Code that runs when a processor comes online, and not again for those that are online: neither boot code, whose
 * memory is given back, nor code whose replacement takes effect at once. Names: xen/arch/x86 of 4.17, the functions
 * that start_secondary() and the CPU notifiers reach and that are not __init.
 */
import type { ObjectModel } from '../model/object-model.js';

const BRING_UP: ReadonlySet<string> = new Set([
  'start_secondary',
  'cpu_init',
  'identify_cpu',
  'load_system_tables',
  'init_intel',
  'init_amd',
  'init_hygon',
  'init_zhaoxin',
  'init_centaur',
  'init_shanghai',
  'intel_unlock_cpuid_leaves',
  'amd_init_ssbd',
  'amd_init_lfence',
  'mtrr_ap_init',
  'percpu_traps_init',
  'subarch_percpu_traps_init',
  'svm_cpu_up',
  'svm_cpu_up_prepare',
  'vmx_cpu_up',
  'vmx_cpu_up_prepare',
  'mcheck_init',
  'setup_local_APIC',
  'x2apic_ap_setup',
  'init_percpu_time',
  'set_cpu_sibling_map',
  'cpu_smpboot_callback',
]);

/** Functions of an object that run only when a processor comes online: those named above and what only they use. */
export function bringUpFunctions(model: ObjectModel, asked: readonly number[]): number[] {
  const users = new Map<number, Set<number>>();
  if (asked.length === 0) return [];
  for (const atom of model.atoms) {
    for (const ref of model.refs[atom.index]) {
      if (ref.atom < 0 || ref.atom === atom.index) continue;
      const known = users.get(ref.atom);
      if (known === undefined) users.set(ref.atom, new Set([atom.index]));
      else known.add(atom.index);
    }
  }
  const runs = (index: number, above: ReadonlySet<number>): boolean => {
    const atom = model.atoms[index];
    if (BRING_UP.has(atom.name)) return true;
    // What other objects may call is not known to be called from here only.
    if (atom.symbols.some((symbol) => symbol >= model.file.symbols.firstGlobal)) return false;
    const own = [...(users.get(index) ?? [])].filter((user) => model.atoms[user].kind !== 'entry');
    if (own.length === 0 || above.has(index) || above.size > DEEPEST) return false;
    const path = new Set([...above, index]);
    return (
      own.every((user) => model.atoms[user].role === 'init-text' || runs(user, path)) &&
      own.some((user) => model.atoms[user].role !== 'init-text')
    );
  };
  return asked.filter((index) => runs(index, new Set()));
}

/** Calls are followed so far up; deeper ones count as running code, which is what most code is. */
const DEEPEST = 8;
