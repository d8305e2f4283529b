import { access, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { environment } from '../../../src/config/environment.js';

const version = 'v1.8.0';
const limitMs = 600_000;

/**
 * The S3 server of the tests, versitygw (a folder behind the S3 protocol, with real signatures): the program that
 * `PROXYCTL_TEST_VERSITYGW` names, else the one in `cacheDir`, else built there by `go install` of a pinned version.
 */
export async function provisionVersitygw(cacheDir: string, report: (message: string) => void): Promise<string> {
  const given = environment.get('PROXYCTL_TEST_VERSITYGW');
  if (given !== undefined) return given;
  const folder = join(cacheDir, `${version}-${process.platform}-${process.arch}`);
  const path = join(folder, process.platform === 'win32' ? 'versitygw.exe' : 'versitygw');
  if (await isThere(path)) return path;
  const command = `go install github.com/versity/versitygw/cmd/versitygw@${version}`;
  report(`Running ${command}`);
  const work = join(cacheDir, `.tmp-${process.pid}`);
  await mkdir(work, { recursive: true });
  try {
    const [program = '', ...args] = command.split(' ');
    await execa(program, args, { env: { GOBIN: work, GO111MODULE: 'on' }, timeout: limitMs, stdin: 'ignore' });
    await rename(work, folder).catch(async (error: unknown) => {
      if (!(await isThere(path))) throw error; // another run was faster
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  report(`versitygw ${version} is at ${path}`);
  return path;
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
