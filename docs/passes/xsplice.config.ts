/** Settings for all builds of a house: `xsplice-build build --config-file xsplice.config.ts -p fix.patch`. */
import { defineConfig, definePass } from 'xsplice-build/config';

const LARGEST = 256 << 10;

export default defineConfig({
  // As --expect and --modinfo; the command line goes before.
  expect: true,
  modinfo: ['vendor=example'],
  // In files of their own, so that they can be tried alone with --pass …
  passes: [
    './needs-review.ts',
    './keep-and-pair.ts',
    // … or here.
    definePass({
      name: 'not-too-large',
      after: 'emit-notes',
      run({ size }, ctx) {
        if (size > LARGEST) ctx.veto(`the payload has ${String(size)} bytes, more than ${String(LARGEST)}`);
      },
    }),
  ],
  reporters: ['./summary.ts'],
});
