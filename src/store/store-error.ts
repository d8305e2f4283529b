import { isNewerFormat } from '../core/stored-formats.js';
import { diskFailure } from '../core/disk-failure.js';
import { LockHeldError } from '../core/file-lock.js';
import { ProxyctlError } from '../errors/index.js';

/**
 * What a failed operation on a store's folder is thrown as: `PROXYCTL_STORE`, with the path, the reason and what to do.
 */
export function storeError(action: string, path: string, cause: unknown): ProxyctlError {
  if (cause instanceof ProxyctlError) return cause;
  if (cause instanceof LockHeldError) return lockError(cause);
  const { reason, hint, code } = diskFailure(cause);
  return new ProxyctlError('PROXYCTL_STORE', `The store cannot ${action} ${path}: ${reason}`, {
    hint: `${hint} The store is chosen with --store or PROXYCTL_STORE.`,
    cause,
    data: { path, ...(code === undefined ? {} : { systemCode: code }) },
  });
}

/**
 * Whether a store could not be spoken to at all, so that another try may help, or what is kept on this machine answer.
 */
export function isUnreachable(error: unknown): boolean {
  return error instanceof ProxyctlError && error.data.unreachable === true;
}

/** Whether it is one thing alone in a store that cannot be read: it is damaged, or a newer program wrote it. */
export function isUnreadable(error: unknown): error is ProxyctlError {
  return isNewerFormat(error) || (error instanceof ProxyctlError && error.code === 'PROXYCTL_RECORDING_CORRUPT');
}

function lockError({ path, holder }: LockHeldError): ProxyctlError {
  const pid = holder.owner?.pid;
  return new ProxyctlError('PROXYCTL_STORE', `${path} has been held by process ${pid ?? 'unknown'} for too long`, {
    hint: `If no such process runs, remove that file (and ${path}.break, if there is one).`,
    data: { path, pid },
  });
}

/** `PROXYCTL_RECORDING_CORRUPT`: what should be in the store is missing or altered. */
export function corruptError(message: string, path: string, hint = recordAgain, cause?: unknown): ProxyctlError {
  return new ProxyctlError('PROXYCTL_RECORDING_CORRUPT', message, { hint, data: { path }, cause });
}

export function alteredBody(where: string, cause?: unknown): ProxyctlError {
  const message = `The body ${where} was altered: its SHA-256 is not the one in its name`;
  return corruptError(message, where, recordAgain, cause);
}

/** What was to be written is not what its name says. */
export function changedBody(where: string): ProxyctlError {
  return corruptError(`A body does not have the SHA-256 that it was to be kept under: ${where}`, where);
}

const recordAgain =
  'Restore it from a copy of the store, or record the test again: proxyctl record --test-id TEST-ID -- CMD';
