/** A thread of its own for one share of the work: gets the plan and the objects, posts the counts. */
import { parentPort, workerData } from 'node:worker_threads';
import { runShare } from './share.js';
import type { Plan } from './share.js';

const { plan, wanted } = workerData as { readonly plan: Plan; readonly wanted: readonly string[] };
parentPort?.postMessage(runShare(plan, wanted));
