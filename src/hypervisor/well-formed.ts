/**
 * Hypercalls as the library of the tools makes them: every field as it should be. What the tool itself does around
 * them is in xen-livepatch.ts. Source: tools/libs/ctrl/xc_misc.c.
 */
import { ACTION_APPLY_NODEPS, ActionCommand, OperationCommand } from './hypercall.js';
import type {
  ActionName,
  ActionOperation,
  GetOperation,
  ListOperation,
  OperationName,
  UploadOperation,
} from './hypercall.js';

export interface ActionSettings {
  /** Nanoseconds; left out or 0: what the hypervisor takes for reasonable. */
  readonly timeout?: number;
  /** Apply whatever is below. */
  readonly nodeps?: boolean;
}

/** A name with its NUL; one that is too long for the hypervisor is passed all the same. */
export function operationName(name: string): OperationName {
  const bytes = Buffer.from(`${name}\0`, 'latin1');
  return { name: bytes, size: bytes.length, pad: [0, 0, 0] };
}

export function uploadOperation(name: string, payload: Uint8Array): UploadOperation {
  return {
    cmd: OperationCommand.UPLOAD,
    flags: 0,
    name: operationName(name),
    size: payload.length,
    payload,
  };
}

export function getOperation(name: string): GetOperation {
  return { cmd: OperationCommand.GET, flags: 0, name: operationName(name) };
}

/** With the `nr` and sizes that an earlier call gave; without them, that earlier call. */
export function listOperation(nr = 0, names = 0, metadata = 0): ListOperation {
  return {
    cmd: OperationCommand.LIST,
    flags: 0,
    idx: 0,
    nr,
    pad: 0,
    name_total_size: names,
    metadata_total_size: metadata,
    status: nr * 8,
    name: names,
    len: nr * 4,
    metadata,
    metadata_len: nr * 4,
  };
}

export function actionOperation(
  name: string,
  action: ActionName,
  { timeout = 0, nodeps = false }: ActionSettings = {},
): ActionOperation {
  return {
    cmd: OperationCommand.ACTION,
    flags: 0,
    name: operationName(name),
    action: ActionCommand[action],
    timeout,
    actionFlags: nodeps ? ACTION_APPLY_NODEPS : 0,
    pad: 0,
  };
}
