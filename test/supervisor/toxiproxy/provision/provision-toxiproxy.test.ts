import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  provisionToxiproxy,
  type ProvisionOptions,
  type ProvisionProgress,
} from '../../../../supervisor/toxiproxy/provision/index.js';
import type { FailedAttempt } from '../../../../supervisor/toxiproxy/provision/index.js';
import { ProxyctlError } from '../../../../src/errors/index.js';
import {
  asset,
  releaseAt,
  releaseProgram,
  releaseServer,
  releaseVersion,
  serverProgram,
  sha256,
  writeProgram,
} from '../../../helpers/releases.js';
import { tempFolder } from '../../../helpers/temp-folder.js';

let folder: string;
let options: ProvisionOptions & { cacheDir: string };

beforeEach(async () => {
  folder = await tempFolder('provision');
  options = { cacheDir: join(folder, 'cache'), release: releaseAt('http://releases.invalid') };
  vi.stubEnv('PROXYCTL_TOXIPROXY', '');
  vi.stubEnv('PROXYCTL_TOXIPROXY_RELEASES', '');
  vi.stubEnv('PATH', join(folder, 'bin')); // no toxiproxy-server and no go
  for (const name of ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy', 'NO_PROXY', 'no_proxy'])
    vi.stubEnv(name, '');
});
afterEach(() => vi.unstubAllEnvs());

async function failure(changes: Partial<ProvisionOptions> = {}): Promise<{ message: string; tried: FailedAttempt[] }> {
  const error: unknown = await provisionToxiproxy({ ...options, ...changes }).then(
    ({ path }) => new Error(`found ${path}`),
    (reason: unknown) => reason,
  );
  if (!(error instanceof ProxyctlError)) throw error;
  expect(error.code).toBe('PROXYCTL_TOXIPROXY_UNAVAILABLE');
  return { message: error.message, tried: error.data.tried as FailedAttempt[] };
}

/** What is left in the cache folder, the lock aside. */
async function cached(): Promise<string[]> {
  return readdir(options.cacheDir).catch(() => []);
}

describe('an explicit path', () => {
  test('is taken before all else, and says what it is', async () => {
    const path = await writeProgram(join(folder, 'mine'), serverProgram(releaseVersion));
    await writeProgram(join(folder, 'bin', 'toxiproxy-server'), serverProgram('1.1.1'));
    expect(await provisionToxiproxy({ ...options, explicitPath: path })).toEqual({
      path,
      version: releaseVersion,
      origin: 'flag',
    });
  });

  test('PROXYCTL_TOXIPROXY is one, and a flag wins over it', async () => {
    const byEnv = await writeProgram(join(folder, 'by-env'), serverProgram(releaseVersion));
    const byFlag = await writeProgram(join(folder, 'by-flag'), serverProgram(releaseVersion));
    vi.stubEnv('PROXYCTL_TOXIPROXY', byEnv);
    expect(await provisionToxiproxy(options)).toMatchObject({ path: byEnv, origin: 'env' });
    expect(await provisionToxiproxy({ ...options, explicitPath: byFlag })).toMatchObject({
      path: byFlag,
      origin: 'flag',
    });
  });

  test.each([
    ['that is not there', async (path: string) => path, 'there is no such file'],
    [
      'that is not executable',
      (path: string) => writeProgram(path, releaseProgram, 0o644),
      'it is not executable (chmod +x)',
    ],
    ['that is a folder', async (path: string) => (await mkdir(path), path), 'it is not executable (chmod +x)'],
    [
      'of another program',
      (path: string) => writeProgram(path, '#!/bin/sh\necho hello; exit 3\n'),
      'it does not behave like a Toxiproxy server: -version exited with 3 and said "hello"',
    ],
  ])('%s is an error, and nothing else is tried', async (_what, make, cause) => {
    const server = await releaseServer();
    const path = await make(join(folder, 'given'));
    const { message, tried } = await failure({ explicitPath: path, release: server.release });
    expect(message).toBe(`The path given for Toxiproxy is ${path}, which cannot be used: ${cause}`);
    expect(tried).toEqual([{ step: 'explicit', what: path, cause }]);
    expect(server.requests).toEqual([]);
  });
});

describe('PATH', () => {
  test('another version is accepted with a notice', async () => {
    const path = await writeProgram(join(folder, 'bin', 'toxiproxy-server'), serverProgram('2.9.0'));
    const found = await provisionToxiproxy(options);
    expect(found).toMatchObject({ path, version: '2.9.0', origin: 'path' });
    expect(found.notice).toBe(`Using ${path}, which is Toxiproxy 2.9.0; proxyctl is tested with ${releaseVersion}`);
  });

  test('an unusable one is skipped for the next', async () => {
    vi.stubEnv('PATH', [join(folder, 'broken'), join(folder, 'good')].join(delimiter));
    await writeProgram(join(folder, 'broken', 'toxiproxy-server'), '#!/bin/sh\nexit 1\n');
    const path = await writeProgram(join(folder, 'good', 'toxiproxy-server'), serverProgram(releaseVersion));
    expect(await provisionToxiproxy(options)).toEqual({ path, version: releaseVersion, origin: 'path' });
  });
});

describe('the release binary', () => {
  test('is downloaded with progress, and comes from the cache from then on', async () => {
    const server = await releaseServer();
    const progress: ProvisionProgress[] = [];
    const first = await provisionToxiproxy({
      ...options,
      release: server.release,
      onProgress: (step) => progress.push(step),
    });
    expect(first).toMatchObject({ version: releaseVersion, origin: 'release' });
    expect(await readFile(first.path, 'utf8')).toBe(releaseProgram);
    expect(progress).toContainEqual(
      expect.objectContaining({ receivedBytes: releaseProgram.length, totalBytes: releaseProgram.length }),
    );
    expect(await provisionToxiproxy({ ...options, release: server.release })).toEqual({ ...first, origin: 'cache' });
    expect(server.requests).toHaveLength(1);
  });

  test('a damaged cache entry is replaced', async () => {
    const server = await releaseServer();
    const { path } = await provisionToxiproxy({ ...options, release: server.release });
    await writeFile(path, 'half a pro');
    const again = await provisionToxiproxy({ ...options, release: server.release });
    expect(again).toMatchObject({ path, origin: 'release' });
    expect(await readFile(path, 'utf8')).toBe(releaseProgram);
  });

  test('with a wrong SHA-256 is refused and deleted, and the failure is listed', async () => {
    const server = await releaseServer();
    const release = { ...server.release, checksums: { [asset]: '0'.repeat(64) } };
    const { tried, message } = await failure({ release });
    const cause = `${release.baseUrl}/v9.9.9/${asset} has SHA-256 ${sha256(releaseProgram)}, but ${'0'.repeat(64)} is expected`;
    expect(tried.find(({ step }) => step === 'release')).toMatchObject({ cause, code: 'PROXYCTL_CHECKSUM' });
    expect(tried.map(({ step }) => step)).toEqual(['path', 'cache', 'release', 'go']); // the next step was tried
    expect(message).toContain(cause);
    expect(await cached()).toEqual([]);
  });

  test('that breaks off half-way is fetched once more, and leaves nothing when it breaks off again', async () => {
    const server = await releaseServer((_path, response) => {
      response.writeHead(200, { 'content-length': releaseProgram.length });
      response.write(releaseProgram.slice(0, 10), () => response.destroy());
      return false;
    });
    const { tried } = await failure({ release: server.release });
    expect(tried.find(({ step }) => step === 'release')?.cause).toMatch(/terminated|closed|aborted/);
    expect(server.requests).toHaveLength(2);
    expect(await cached()).toEqual([]);
  });

  test('that stops arriving is given up on after a time limit', async () => {
    const server = await releaseServer((_path, response) => {
      response.writeHead(200, { 'content-length': releaseProgram.length });
      response.write(releaseProgram.slice(0, 10));
      return false;
    });
    const { tried } = await failure({ release: server.release, limits: { stallLimitMs: 200 } });
    expect(tried.find(({ step }) => step === 'release')).toMatchObject({
      code: 'PROXYCTL_TIMEOUT',
      cause: `${server.release.baseUrl}/v9.9.9/${asset} sent nothing for 0.2 s after 10 bytes`,
    });
    expect(server.requests).toHaveLength(1);
  });

  test('of a server that never answers is given up on after a time limit', async () => {
    const server = await releaseServer(() => false);
    const { tried } = await failure({ release: server.release, limits: { responseLimitMs: 200 } });
    expect(tried.find(({ step }) => step === 'release')).toMatchObject({ code: 'PROXYCTL_TIMEOUT' });
  });

  test('without a network fails at once and says so', async () => {
    const start = performance.now();
    const { tried } = await failure();
    expect(tried.find(({ step }) => step === 'release')?.cause).toMatch(/ENOTFOUND|EAI_AGAIN/);
    expect(performance.now() - start).toBeLessThan(10_000);
  });

  test('that does not run here is not installed', async () => {
    const program = '#!/bin/sh\necho wrong libc >&2; exit 127\n';
    const server = await releaseServer((_path, response) => (response.end(program), false));
    const { tried } = await failure({ release: { ...server.release, checksums: { [asset]: sha256(program) } } });
    expect(tried.find(({ step }) => step === 'release')?.cause).toContain('wrong libc');
    expect(await cached()).toEqual([]);
  });

  test('without a pinned digest is checked against the release’s own list', async () => {
    const server = await releaseServer();
    const release = { ...server.release, checksums: {} };
    expect(await provisionToxiproxy({ ...options, release })).toMatchObject({ origin: 'release' });
    expect(server.requests).toEqual([`/v9.9.9/checksums.txt`, `/v9.9.9/${asset}`]);
  });

  test('without any digest is refused', async () => {
    const server = await releaseServer(
      (path, response) => !path.endsWith('checksums.txt') || (response.end('x'), false),
    );
    const { tried } = await failure({ release: { ...server.release, checksums: {} } });
    expect(tried.find(({ step }) => step === 'release')?.cause).toContain(`has no SHA-256 of ${asset}`);
  });

  test('is fetched through HTTP_PROXY, unless NO_PROXY has its host', async () => {
    const server = await releaseServer();
    const proxy = await connectProxy(server.release.baseUrl);
    vi.stubEnv('HTTP_PROXY', proxy.url);
    const release = { ...server.release, baseUrl: 'http://releases.invalid' };
    expect(await provisionToxiproxy({ ...options, release })).toMatchObject({ origin: 'release' });
    expect(proxy.targets).toEqual(['releases.invalid:80']);

    vi.stubEnv('NO_PROXY', '127.0.0.1');
    const elsewhere = { ...options, cacheDir: join(folder, 'second'), release: server.release };
    expect(await provisionToxiproxy(elsewhere)).toMatchObject({ origin: 'release' });
    expect(proxy.targets).toHaveLength(1);
  });

  test('comes from a mirror that PROXYCTL_TOXIPROXY_RELEASES names', async () => {
    const server = await releaseServer();
    vi.stubEnv('PROXYCTL_TOXIPROXY_RELEASES', `${server.release.baseUrl}/`);
    expect(await provisionToxiproxy(options)).toMatchObject({ origin: 'release' });
    expect(server.requests).toEqual([`/v9.9.9/${asset}`]);
  });
});

describe('go install', () => {
  test('is the last resort, and what it builds comes from the cache from then on', async () => {
    await writeProgram(
      join(folder, 'bin', 'go'),
      `#!/bin/sh\necho "building $*"\nprintf '%s' '${releaseProgram}' > "$GOBIN/server"\n/bin/chmod +x "$GOBIN/server"\n`,
    );
    vi.stubEnv('GOOS', 'plan9'); // one that would build for another system
    const lines: string[] = [];
    const onProgress = ({ step, message }: ProvisionProgress): void => void (step === 'go' && lines.push(message));
    const found = await provisionToxiproxy({ ...options, onProgress });
    expect(found).toMatchObject({ version: releaseVersion, origin: 'go' });
    expect(lines.join('\n')).toContain(`example.invalid/toxiproxy/cmd/server@v${releaseVersion}`);
    expect(await provisionToxiproxy(options)).toEqual({ ...found, origin: 'cache' });
  });

  test('that fails is listed with what it printed', async () => {
    await writeProgram(join(folder, 'bin', 'go'), '#!/bin/sh\necho "go: no such module" >&2; exit 1\n');
    const { tried } = await failure();
    expect(tried.find(({ step }) => step === 'go')).toEqual({
      step: 'go',
      what: 'go install example.invalid/toxiproxy/cmd/server@v9.9.9',
      cause: 'go: no such module',
    });
    expect(await cached()).toEqual([]);
  });
});

describe('when nothing works', () => {
  test('one error lists each thing that was tried with its cause', async () => {
    const { message, tried } = await failure();
    expect(tried.map(({ step }) => step)).toEqual(['path', 'cache', 'release', 'go']);
    expect(message.split('\n')).toEqual([
      'No Toxiproxy server could be found or fetched. Tried:',
      expect.stringContaining('toxiproxy-server on PATH: there is none'),
      expect.stringContaining('there is nothing there yet'),
      expect.stringMatching(/http:\/\/releases\.invalid\/v9\.9\.9\/.*: .*(ENOTFOUND|EAI_AGAIN)/),
      expect.stringContaining('there is no go on PATH'),
    ]);
  });

  test('a cache folder that cannot be made is named', async () => {
    await writeFile(join(folder, 'file'), '');
    const { tried } = await failure({ cacheDir: join(folder, 'file', 'cache') });
    expect(tried.at(-1)?.cause).toContain('it cannot be written: ENOTDIR');
  });

  test('told only to look, nothing is fetched', async () => {
    const server = await releaseServer();
    const { tried } = await failure({ release: server.release, fetch: false });
    expect(tried.map(({ step }) => step)).toEqual(['path', 'cache']);
    expect(server.requests).toEqual([]);
  });

  test('the caller’s signal ends it and leaves nothing behind', async () => {
    const controller = new AbortController();
    const server = await releaseServer(() => (controller.abort(new Error('enough')), false));
    await expect(
      provisionToxiproxy({ ...options, release: server.release, signal: controller.signal }),
    ).rejects.toThrow('enough');
    expect(await cached()).toEqual([]);
  });
});

/** A proxy that connects every tunnel to `origin`, whatever it was asked for, and says what that was. */
async function connectProxy(origin: string): Promise<{ url: string; targets: string[] }> {
  const targets: string[] = [];
  const { hostname, port } = new URL(origin);
  const proxy = createServer().on('connect', (request, socket) => {
    targets.push(request.url ?? '');
    const upstream = connect(Number(port), hostname, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.pipe(upstream).pipe(socket);
    });
    socket.on('error', () => upstream.destroy());
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  onTestFinished(() => void proxy.close());
  return { url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, targets };
}
