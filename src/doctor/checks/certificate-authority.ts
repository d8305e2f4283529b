import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, systemCode } from '../../errors/index.js';
import type { Check, Finding } from '../check.js';

const dayMs = 86_400_000;
const soonDays = 30;

/** The certificate that clients trust: there, in date, belonging to its key, and the key for its owner alone. */
export const certificateAuthority: Check = {
  name: 'ca',
  async run({ home }) {
    const certPath = join(home.caDir, 'ca.pem');
    const keyPath = join(home.caDir, 'ca.key');
    const [certPem, keyPem] = await Promise.all([read(certPath), read(keyPath)]);
    if (keyPem === undefined && certPem === undefined)
      return { status: 'ok', detail: `none yet; made on first use in ${home.caDir}` };
    if (keyPem === undefined || certPem === undefined) {
      const missing = keyPem === undefined ? keyPath : certPath;
      return {
        status: keyPem === undefined ? 'fail' : 'warn',
        detail: `${missing} is missing`,
        hint: remake(home.caDir),
      };
    }
    return (await keyFault(keyPath)) ?? pairFault(certPem, keyPem, home.caDir) ?? dates(certPem, certPath, home.caDir);
  },
};

async function read(path: string): Promise<string | undefined> {
  return readFile(path, 'latin1').catch((error: unknown) => {
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) return undefined;
    throw error;
  });
}

async function keyFault(keyPath: string): Promise<Finding | undefined> {
  if (process.platform === 'win32') return undefined;
  const mode = (await stat(keyPath)).mode & 0o777;
  if ((mode & 0o077) === 0) return undefined;
  const detail = `${keyPath} can be read by others (mode ${mode.toString(8)}): whoever has it can pose as any host to your clients`;
  return { status: 'fail', detail, hint: `Run: chmod 600 ${keyPath}` };
}

function pairFault(certPem: string, keyPem: string, folder: string): Finding | undefined {
  try {
    if (new X509Certificate(certPem).checkPrivateKey(createPrivateKey(keyPem))) return undefined;
    return { status: 'fail', detail: `The certificate in ${folder} does not belong to its key`, hint: remake(folder) };
  } catch (error) {
    return { status: 'fail', detail: `The CA in ${folder} cannot be read: ${messageOf(error)}`, hint: remake(folder) };
  }
}

function dates(certPem: string, certPath: string, folder: string): Finding {
  const { validFrom, validTo } = new X509Certificate(certPem);
  const until = new Date(validTo).toISOString().slice(0, 10);
  const daysLeft = Math.floor((Date.parse(validTo) - Date.now()) / dayMs);
  if (Date.parse(validFrom) > Date.now()) {
    const detail = `${certPath} is valid only from ${new Date(validFrom).toISOString()}`;
    return { status: 'fail', detail, hint: 'Check the clock of this machine.' };
  }
  if (daysLeft < 0) return { status: 'fail', detail: `${certPath} expired on ${until}`, hint: remake(folder) };
  if (daysLeft < soonDays) {
    return { status: 'warn', detail: `${certPath} expires on ${until}, in ${daysLeft} days`, hint: remake(folder) };
  }
  return { status: 'ok', detail: `${certPath}, valid until ${until}` };
}

function remake(folder: string): string {
  return `Remove ${folder} to have a new one made; devices that trust the old one must then be told of the new one.`;
}
