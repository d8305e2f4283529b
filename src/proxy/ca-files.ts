import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, copyFile, link, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../core/make-folder.js';
import { messageOf, ProxyctlError, systemCode } from '../errors/index.js';
import { makeAuthority } from './make-authority.js';

/**
 * `ca.key` holds the private key and, below it, the certificate that belongs to it, so that one exclusive link
 * publishes both: of several processes that start at once on an empty folder one wins, and all use its authority.
 * `ca.pem` is the certificate alone, for clients.
 */
export interface CaFiles {
  keyPem: string;
  certPem: string;
  certPath: string;
}

/** Reads the authority in `folder`, or makes one. Throws `PROXYCTL_CA`. */
export async function loadOrCreate(folder: string): Promise<CaFiles> {
  const keyPath = join(folder, 'ca.key');
  const certPath = join(folder, 'ca.pem');
  try {
    await makeFolder(folder, 0o700);
    const existing = await readKeyFile(keyPath);
    if (existing === undefined) await create(keyPath, certPath);
    const keyFile = existing ?? (await readKeyFile(keyPath));
    if (keyFile === undefined) throw new ProxyctlError('PROXYCTL_CA', `${keyPath} vanished while it was being read`);
    await keepPrivate(folder, keyPath);
    const certPem = await certificateFor(keyFile, keyPath, certPath);
    return { keyPem: keyFile, certPem, certPath };
  } catch (error) {
    if (error instanceof ProxyctlError) throw error;
    throw new ProxyctlError('PROXYCTL_CA', `The CA in ${folder} cannot be read or made: ${messageOf(error)}`, {
      cause: error,
      hint: `Check the permissions of ${folder}, or set PROXYCTL_HOME to a folder that you own.`,
      data: { folder },
    });
  }
}

async function create(keyPath: string, certPath: string): Promise<void> {
  if (await exists(certPath)) {
    throw new ProxyctlError('PROXYCTL_CA', `${certPath} is there but its key ${keyPath} is missing`, {
      hint: `Put the key back, or remove ${certPath} to have a new CA made (clients must then trust the new one).`,
    });
  }
  const { keyPem, certPem } = await makeAuthority();
  await publishOnce(keyPath, keyPem + certPem);
}

/**
 * Gives `path` this content if it does not exist yet; another process may have been first, and then its content stays.
 */
async function publishOnce(path: string, content: string): Promise<void> {
  const temporary = `${path}.${process.pid}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await writeSynced(temporary, content, 0o600);
    try {
      await link(temporary, path);
    } catch (error) {
      if (systemCode(error) === 'EEXIST') return;
      // No hard links on this file system.
      await copyFile(temporary, path, constants.COPYFILE_EXCL).catch((failure: unknown) => {
        if (systemCode(failure) !== 'EEXIST') throw failure;
      });
    }
  } finally {
    await rm(temporary, { force: true });
  }
}

/**
 * The key file once it is complete: where it could not be linked into place, another process may still be writing it.
 */
async function readKeyFile(path: string): Promise<string | undefined> {
  for (let attempt = 0; ; attempt += 1) {
    const text = await readFile(path, 'latin1').catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw error;
    });
    if (text === undefined || /-----END [A-Z ]+-----\s*$/.test(text) || attempt === 20) return text;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function certificateFor(keyFile: string, keyPath: string, certPath: string): Promise<string> {
  const published = await readFile(certPath, 'latin1').catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (published !== undefined) return published;
  const own = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n?/.exec(keyFile)?.[0];
  if (own === undefined) {
    throw new ProxyctlError('PROXYCTL_CA', `${keyPath} has no certificate, and ${certPath} is missing`, {
      hint: `Put ${certPath} back, or remove ${keyPath} to have a new CA made.`,
    });
  }
  const temporary = `${certPath}.${process.pid}.${randomBytes(6).toString('hex')}.tmp`;
  await writeSynced(temporary, own, 0o644);
  await rename(temporary, certPath);
  return own;
}

/** The key is for its owner alone. Wider permissions are taken back; where that fails the key is not used. */
async function keepPrivate(folder: string, keyPath: string): Promise<void> {
  if (process.platform === 'win32') return;
  for (const [path, mode] of [
    [folder, 0o700],
    [keyPath, 0o600],
  ] as const) {
    const current = (await stat(path)).mode & 0o777;
    if ((current & 0o077) === 0) continue;
    try {
      await chmod(path, mode);
    } catch (error) {
      throw new ProxyctlError('PROXYCTL_CA', `${path} can be read by others (mode ${current.toString(8)})`, {
        cause: error,
        hint: `Run: chmod ${mode.toString(8)} ${path}`,
      });
    }
  }
}

async function writeSynced(path: string, content: string, mode: number): Promise<void> {
  const file = await open(path, 'wx', mode);
  try {
    await writeFile(file, content);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
