import { access, chmod, constants, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { environment } from '../../../src/config/environment.js';
import { messageOf } from '../../../src/errors/index.js';
import { downloadFile, downloadText } from '../../../supervisor/toxiproxy/provision/download.js';

const version = 'v1.8.0';
const limitMs = 600_000;
const program = process.platform === 'win32' ? 'versitygw.exe' : 'versitygw';

export interface ProvisionOptions {
  cacheDir: string;
  report: (message: string) => void;
  /** Where releases are: for tests. */
  releases?: string;
  path?: string;
}

/**
 * The S3 server of the tests, versitygw (a folder behind the S3 protocol, with real signatures): the program that
 * `PROXYCTL_TEST_VERSITYGW` names, else one on PATH, else the one in `cacheDir`, else brought there: the release's own
 * binary, its SHA-256 checked against the release's list, or `go install` of the same version. Throws with what was
 * tried.
 */
export async function provisionVersitygw(options: ProvisionOptions): Promise<string> {
  const given = environment.get('PROXYCTL_TEST_VERSITYGW');
  if (given !== undefined) return given;
  const { cacheDir, report, path = environment.get('PATH') ?? '' } = options;
  for (const folder of path.split(delimiter)) {
    const found = join(folder, program);
    if (folder !== '' && (await isThere(found))) return found;
  }
  const folder = join(cacheDir, `${version}-${process.platform}-${process.arch}`);
  const cached = join(folder, program);
  if (await isThere(cached)) return cached;
  await mkdir(cacheDir, { recursive: true });
  const work = await mkdtemp(join(cacheDir, '.tmp-'));
  try {
    const tried: string[] = [];
    for (const way of [fetchRelease, goInstall]) {
      try {
        await way(work, options);
        break;
      } catch (error) {
        tried.push(`${way.name}: ${messageOf(error)}`);
        report(`${way.name} did not bring it: ${messageOf(error)}`);
      }
    }
    if (!(await isThere(join(work, program)))) throw new Error(`versitygw could not be had. ${tried.join('. ')}`);
    await rename(work, folder).catch(async (error: unknown) => {
      if (!(await isThere(cached))) throw error; // another run was faster
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  report(`versitygw ${version} is at ${cached}`);
  return cached;
}

async function fetchRelease(work: string, { report, releases }: ProvisionOptions): Promise<void> {
  const base = `${releases ?? 'https://github.com/versity/versitygw/releases/download'}/${version}`;
  const [system, machine] = [{ linux: 'Linux', darwin: 'Darwin' }[process.platform as string], process.arch];
  if (system === undefined) throw new Error(`it publishes no binary for ${process.platform}`);
  const name = `versitygw_${version}_${system}_${machine === 'x64' ? 'x86_64' : machine}`;
  const signal = AbortSignal.timeout(limitMs);
  const list = await downloadText(`${base}/checksums.txt`, { signal, responseLimitMs: 10_000 });
  const sha256 = new RegExp(`^([0-9a-f]{64})\\s+${name}\\.tar\\.gz$`, 'm').exec(list)?.[1];
  if (sha256 === undefined) throw new Error(`its list of checksums does not name ${name}.tar.gz`);
  report(`Downloading ${name}.tar.gz`);
  const archive = join(work, 'release.tar.gz');
  await downloadFile(`${base}/${name}.tar.gz`, archive, sha256, { signal });
  await execa('tar', ['-xzf', archive, '-C', work], { stdin: 'ignore', timeout: 60_000 });
  await rename(join(work, name, program), join(work, program));
  await chmod(join(work, program), 0o755);
  await Promise.all([rm(archive), rm(join(work, name), { recursive: true })]);
}

async function goInstall(work: string, { report }: ProvisionOptions): Promise<void> {
  const args = ['install', `github.com/versity/versitygw/cmd/versitygw@${version}`];
  report(`Running go ${args.join(' ')}: takes a minute or two`);
  await execa('go', args, { env: { GOBIN: work, GO111MODULE: 'on' }, timeout: limitMs, stdin: 'ignore' });
}

function isThere(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
