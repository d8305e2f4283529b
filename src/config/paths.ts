import { join, resolve } from 'node:path';
import envPaths from 'env-paths';
import { environment } from './environment.js';

/** Where proxyctl keeps its own files on this machine. Recordings are not among them: those live in a store. */
export interface HomePaths {
  /** The folder to name to people: `PROXYCTL_HOME`, or the platform's state folder. */
  home: string;
  /** What must outlive a restart. */
  stateDir: string;
  /** What can be fetched or made again. */
  cacheDir: string;
  /** Certificate and key of the certificate authority. */
  caDir: string;
  /** Recordings under way, and those not yet in a store. */
  journalDir: string;
  /** Logs of a stack in the background. */
  logDir: string;
  /** Where a running stack says its URL, pid and token (mode 0600). */
  stateFile: string;
}

/**
 * With `PROXYCTL_HOME`, everything lies under it. Without, state goes to `$XDG_STATE_HOME/proxyctl` (Linux),
 * `~/Library/Application Support/proxyctl` (macOS) or `%LOCALAPPDATA%\proxyctl\Data` (Windows), the cache to the
 * platform's cache folder. Folders are not made here: whoever writes into one makes it.
 */
export function proxyctlHome(home: string | undefined = environment.home): HomePaths {
  const { stateDir, cacheDir, logDir } = home === undefined ? platformFolders() : foldersUnder(resolve(home));
  return {
    home: home === undefined ? stateDir : resolve(home),
    stateDir,
    cacheDir,
    logDir,
    caDir: join(stateDir, 'ca'),
    journalDir: join(stateDir, 'journal'),
    stateFile: join(stateDir, 'stack.json'),
  };
}

interface BaseFolders {
  stateDir: string;
  cacheDir: string;
  logDir: string;
}

function foldersUnder(home: string): BaseFolders {
  return { stateDir: home, cacheDir: join(home, 'cache'), logDir: join(home, 'logs') };
}

function platformFolders(): BaseFolders {
  const folders = envPaths('proxyctl', { suffix: '' });
  // On Linux env-paths calls XDG's state folder `log`; the other platforms have no state folder apart from their data.
  if (process.platform === 'darwin' || process.platform === 'win32') {
    return { stateDir: folders.data, cacheDir: folders.cache, logDir: folders.log };
  }
  return { stateDir: folders.log, cacheDir: folders.cache, logDir: join(folders.log, 'logs') };
}
