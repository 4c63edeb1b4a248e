/** A manifest as small as one can be that is followed. */
import { MANIFEST_SCHEMA, sha256 } from '../../src/release/manifest.js';
import type { Manifest } from '../../src/release/manifest.js';

/** Of a payload with this hash, made from these patches, each of which holds its own name. */
export function plainManifest(wanted: {
  readonly sha256: string;
  readonly patches: readonly string[];
}): Manifest {
  const patches = wanted.patches.map((path) => ({
    path,
    sha256: sha256(Buffer.from(path)),
    bytes: path.length,
    strip: 1,
  }));
  return {
    schema: MANIFEST_SCHEMA,
    tool: { name: 'xsplice-build', version: '0.0.0' },
    payload: {
      path: 'fix.xsplice',
      sha256: wanted.sha256,
      size: 1,
      build_id: '01',
      depends: '02',
      xen_depends: '02',
    },
    functions: [],
    inputs: {
      image: { path: 'xen-syms', sha256: '0'.repeat(64), build_id: '02' },
      below: [],
      scenarios: [],
      source: {
        path: 'xen',
        version: '4.17.5',
        patches,
        applied: [],
        git_range: null,
        config: null,
        config_sha256: '0'.repeat(64),
        files: { 'xen/common/x.c': '0'.repeat(64) },
      },
      objects: null,
    },
    compiler: { command: 'gcc', version: 'gcc 12', comments: [] },
    settings: {
      abi: 'livepatch-v2',
      target: 'xen',
      prelink: false,
      replace: false,
      modinfo: [],
      expect: false,
      base_proof: true,
      profile: null,
      depends: null,
      xen_depends: null,
      allow_lost: [],
      reports_line: [],
      splice: [],
    },
    base: null,
    proof: null,
    passes: null,
  };
}
