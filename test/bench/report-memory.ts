/**
 * Loaded with `node --import` in front of a measured program: when it ends, writes its peak of resident memory, in
 * KiB, to file descriptor 3. Worker threads load it too and stay silent: the memory is that of the process.
 */
import { writeSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

if (isMainThread) process.on('exit', () => writeSync(3, String(process.resourceUsage().maxRSS)));
