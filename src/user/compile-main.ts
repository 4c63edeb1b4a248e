/** The process that compiles passes: a line with a request, a line with what came of it. */
import { createInterface } from 'node:readline';
import { compileUserPass } from '../engine/user-pass.js';
import { readRequest } from './answers.js';

for await (const line of createInterface({ input: process.stdin })) {
  const request = readRequest(JSON.parse(line));
  if ('wrong' in request) throw new Error(request.wrong);
  process.stdout.write(`${JSON.stringify(compileUserPass(request.value))}\n`);
}
