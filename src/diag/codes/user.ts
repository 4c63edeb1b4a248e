/** XS7xx: passes, reporters and configurations that users write. */
import type { CodeEntry } from '../codes.js';

export const USER_CODES = {
  XS701: {
    severity: 'error',
    title: 'pass cannot be read',
    text: 'A file that --pass or --config-file names, or one that it imports, is missing, is no TypeScript (.ts, .mts) or JSON, or is larger than a pass can be. A pass imports `xsplice-build/config` and files beside it by relative paths; there are no packages and nothing of Node in it, because what a payload becomes must follow from what the pass is given. What a policy needs to know can stand in a JSON file beside it: `import list from "./reviewed.json" with { type: "json" }`.',
  },
  XS702: {
    severity: 'error',
    title: 'pass does not compile',
    text: 'TypeScript finds the pass wrong: it is checked, strictly, against the types of `xsplice-build/config` before any of it runs. The message and the number are those of the TypeScript compiler. Nothing of the pass was run.',
  },
  XS703: {
    severity: 'error',
    title: 'not what was expected of the file',
    text: 'The default export of a file that --pass names is not a pass, a reporter or a list of these, or that of --config-file is not a configuration. `definePass`, `defineReporter` and `defineConfig` of `xsplice-build/config` make them. Two passes of one name in a run are refused, too: what is said must tell who says it.',
  },
  XS704: {
    severity: 'error',
    title: 'pass threw',
    text: 'A pass of the user threw an error, or its promise was rejected. The place is that in its source. Nothing is written: a policy that did not come to its end has not agreed. The error is told by its message; a pass that wants to refuse a build says so with `ctx.veto`.',
  },
  XS705: {
    severity: 'error',
    title: 'pass took too long',
    text: 'A pass of the user did not come to its end within its time (10 seconds unless --pass-timeout says otherwise) and was stopped, or it waits for a promise that nothing will ever fulfil. Nothing is written. There are no timers and no files in a pass, so time goes into computing: look for a loop without an end.',
  },
  XS706: {
    severity: 'error',
    title: 'pass took too much memory',
    text: 'A pass of the user allocated more than 512 MiB and was stopped. Nothing is written. Passes run in a process of their own, so the build itself was not harmed.',
  },
  XS707: {
    severity: 'error',
    title: 'refused by a pass',
    text: 'A pass of the user refused the payload with `ctx.veto`; the message is its own. Nothing is written. Whoever wrote the pass knows what to do: get the review that it asks for, or change the patch.',
  },
  XS708: {
    severity: 'warning',
    title: 'warning of a pass',
    text: 'A pass of the user warns with `ctx.warn`; the message is its own. The payload is written.',
  },
  XS709: {
    severity: 'note',
    title: 'note of a pass',
    text: 'A pass of the user notes something with `ctx.note`; the message is its own. Nothing depends on it.',
  },
  XS710: {
    severity: 'warning',
    title: 'change left out by a pass',
    text: 'A pass of the user left out a function that changed, with `ctx.drop`: the payload does not replace it, and whatever else is in the payload uses the old one. That is a change of the patch which does not reach the host, so it is told each time, with the reason that the pass gave, and recorded in the manifest.',
  },
  XS711: {
    severity: 'note',
    title: 'function added by a pass',
    text: 'A pass of the user added a function that did not change, with `ctx.add`: the payload replaces it by the code of the patched build, which does the same. It is recorded in the manifest.',
  },
  XS712: {
    severity: 'error',
    title: 'pass names a function that is not there',
    text: 'A pass of the user wants to leave out a function that is not among those that changed, or to add one that cannot be: it must be a function that runs after boot, that both sides have, and that lies in an object in which something else changed (an object without changes is not looked into). Nothing is written, because a wish that is passed over would be a payload that is not what the pass decided.',
  },
  XS713: {
    severity: 'error',
    title: 'pass gave no proper answer',
    text: 'What a pass, a reporter or a configuration gave cannot be taken: a reporter must give files with plain names and text, of at most 16 MiB together; messages must be text. The same is said when the process of the passes ended before its time. Nothing is written.',
  },
  XS714: {
    severity: 'note',
    title: 'configuration lies here and is not used',
    text: 'There is an xsplice.config.ts in the folder in which the command runs, and no --config-file names it. A configuration is a program. Of programs this tool runs those only that the user names: a source tree that somebody else made may hold one, too. Give --config-file xsplice.config.ts to use it.',
  },
  XS715: {
    severity: 'error',
    title: 'setting cannot be used',
    text: 'A setting of the configuration that --config-file names is unknown or has a value that the option of the same name would not take. The settings are those of `xsplice-build build`, named as its options without dashes (`allowLost` for --allow-lost). The exit code is 2.',
  },
} as const satisfies Record<string, CodeEntry>;
