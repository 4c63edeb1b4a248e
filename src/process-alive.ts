/** Whether a process that left something behind may still come back to it. */
import { errnoOf } from './system-error.js';

export function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    // It lives, and belongs to somebody else.
    return errnoOf(thrown) === 'EPERM';
  }
}
