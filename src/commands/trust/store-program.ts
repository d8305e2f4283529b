import { execa } from 'execa';
import { messageOf, ProxyctlError, systemCode } from '../../errors/index.js';

const limitMs = 60_000;

/**
 * Runs a program that keeps a store of certificates (`certutil`, `keytool`) with `input`, and returns what it printed.
 * Throws `PROXYCTL_CA`, saying where to get it when it is not there, and in its own words when it fails.
 */
export async function storeProgram(
  program: string,
  args: readonly string[],
  { input, missing }: { input?: string; missing: string },
): Promise<string> {
  try {
    const { all } = await execa(program, args, { input: input ?? '', all: true, timeout: limitMs });
    return all;
  } catch (error) {
    if (systemCode(error) === 'ENOENT')
      throw new ProxyctlError('PROXYCTL_CA', `${program} is not on PATH`, { hint: missing });
    const said = (error as { all?: string }).all?.trim();
    throw new ProxyctlError(
      'PROXYCTL_CA',
      `${program} failed: ${said === undefined || said === '' ? messageOf(error) : said}`,
      {
        data: { program, args: [...args] },
      },
    );
  }
}
