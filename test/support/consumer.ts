/**
 * A program that uses the package as its users do, checked against the published types and run where it is installed:
 * test/src/cli/package.test.ts. The paths are of that folder.
 */
import { diff, link, validate } from 'xsplice-build';
import type { DiffRequest, DiffResult, LinkResult, ProgressEvent, RunControls } from 'xsplice-build';

const request: DiffRequest = { pairs: [{ object: 'x.o', orig: 'orig.o', patched: 'patched.o' }], threads: 1 };
const compared: DiffResult = await diff(request);

/** Whatever is told has a kind of which all fields are known. */
function about(event: ProgressEvent): string {
  switch (event.kind) {
    case 'source':
      return `${event.stage} ${event.compiled}`;
    case 'pass':
      return event.pass;
    case 'objects':
      return `${event.done} of ${event.total}`;
    case 'proof':
      return `${event.step} ${event.subject ?? ''}`;
  }
}

const told: string[] = [];
const controls: RunControls = { onProgress: (event) => void told.push(about(event)) };
const linked: LinkResult = await link({ ...request, ...controls, image: 'xen-syms' });
for (const { name, oldSize, newSize, oldAddress } of linked.payload?.replaced ?? [])
  told.push(`${name}: ${String(oldSize + newSize)} at ${String(oldAddress ?? 0n)}`);

const abort = new AbortController();
abort.abort();
const { diagnostics, validation } = await validate({
  image: 'xen-syms',
  payloads: ['fix.xsplice'],
  signal: abort.signal,
});
const code = validation === undefined ? diagnostics[0]?.code : undefined;
console.log(
  `${compared.diffs[0]?.verdict ?? 'nothing'}, ${told.length > 3 ? 'told' : 'silent'}, ${code ?? 'none'}`,
);
