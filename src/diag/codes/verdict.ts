/** XS601 to XS609 and XS620 to XS629: what an emulated hypervisor did with a payload. */
import type { CodeEntry } from '../codes.js';

export const VERDICT_CODES = {
  XS601: {
    severity: 'error',
    title: 'hypervisor refuses to upload the payload',
    text: 'The loader of the chosen Xen version, modelled with its own checks in its own order, returned this error for UPLOAD; xen-livepatch would show the same number, and the quoted lines would be on the console of the host. The payload was built for another hypervisor, is damaged, or was made by a builder that knows another version of the loader. A payload that this tool built and that is refused here is a bug of the tool: please report it.',
  },
  XS602: {
    severity: 'error',
    title: 'hypervisor refuses to apply, revert, replace or unload',
    text: 'The payload was uploaded, but the action ended with this error. EINVAL from apply mostly means that .livepatch.depends names another payload, or another hypervisor, than the topmost one that is applied: give all payloads that lie below it, oldest first. Hooks may veto, too (three times, then it counts), and expectations may fail; then the lines of the console say so.',
  },
  XS603: {
    severity: 'error',
    title: 'revert does not bring back what was there',
    text: 'After the payload was applied and reverted, code or read-only data of the hypervisor differs from what it was before. Revert restores only the bytes under the jumps; whatever else a hook or the code of the payload wrote into text or constants stays. A host in this state cannot be trusted: do not ship the payload.',
  },
  XS604: {
    severity: 'error',
    title: 'replaced function does not lead to the new one',
    text: 'The emulated processor was sent to the entry of the old function and did not arrive at the new one. The jump is missing or leads elsewhere: two records overwrite each other, or an action hook that takes the place of the normal routine did not do its work. The fix would not take effect.',
  },
  XS605: {
    severity: 'error',
    title: 'host would die',
    text: 'What was asked of the hypervisor ends in a panic, a BUG, or a fault that nothing catches. The reason is that of the emulated host, with the place in the code; the quoted lines are the last that the console of the real one would show. Xen does not check everything it relies on, so a payload may be accepted and kill the host all the same.',
  },
  XS606: {
    severity: 'warning',
    title: 'hooks leave data of the hypervisor changed',
    text: 'After apply and revert, variables of the hypervisor hold other bytes than before. Only hooks can do that, and it may be what they are for (a counter, a bit that is to stay). If they ought to be undone, an unload or post-revert hook must do it. Variables are named with the first byte that differs.',
  },
  XS607: {
    severity: 'error',
    title: 'image cannot be emulated',
    text: 'The image of the hypervisor has no section that is loaded, claims more memory than any hypervisor has, or ends beyond the last address. Give the xen-syms file that was linked with the running hypervisor. A build can be made without the proof: --no-validate.',
  },
  XS608: {
    severity: 'warning',
    title: 'action hook leaves functions unpatched',
    text: 'The payload has an apply hook that takes the place of the routine which writes the jumps, and after it ran, calls of the old function still go to the old code. Xen asks such a hook only to mark the functions as applied. If they are to be replaced, the hook has to do that, too; if not, it is better to leave them out of the payload.',
  },
  XS609: {
    severity: 'warning',
    title: 'hook refuses an action at first',
    text: 'A pre-apply or pre-revert hook of the payload refused what was asked for, and the same action went well when it was tried again. That may be what the hook is for: it waits until something is over. Whoever applies or reverts this payload has to be ready for an error that passes.',
  },
  XS620: {
    severity: 'error',
    title: 'scenario cannot be read',
    text: 'The file is no JSON, has a field that scenarios do not have, or a value that does not fit the field; names and numbers in it must agree (memory blocks, CPUs). Unknown fields are refused, because a misspelt expectation would never fail. The format is described in docs/scenarios.md.',
  },
  XS621: {
    severity: 'error',
    title: 'scenario does not come out as expected',
    text: 'A function of the hypervisor was called in the emulator, before the payloads were applied, while they were, or after they were reverted, and what was expected did not come: the value it returns, lines on the console, faults, or bytes in memory. The note says what was seen instead. Either the payload does not do what the scenario says, or the scenario is wrong.',
  },
  XS622: {
    severity: 'error',
    title: 'scenario names something that the hypervisor does not have',
    text: 'A function or symbol in the scenario is not in the symbol table of the image, or a block of memory cannot be where it asks to be. Names are those of xen-syms: globals bare, locals as `common/domctl.c#name`. Functions that were inlined everywhere have no symbol.',
  },
} as const satisfies Record<string, CodeEntry>;
