import { diskFailure } from '../src/core/disk-failure.js';
import { makeFolderSync } from '../src/core/make-folder.js';
import { ProxyctlError } from '../src/errors/index.js';

/**
 * Makes a folder of the stack's own, below PROXYCTL_HOME. Throws `PROXYCTL_CONFIG` with the path where that cannot be.
 */
export function makeHomeFolder(path: string): void {
  try {
    makeFolderSync(path, 0o700);
  } catch (error) {
    throw new ProxyctlError('PROXYCTL_CONFIG', `The folder ${path} cannot be made: ${diskFailure(error).reason}`, {
      cause: error,
      hint: 'Set PROXYCTL_HOME to a folder that you can write to.',
    });
  }
}
