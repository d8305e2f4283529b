import { once } from 'node:events';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { proxyctlHome, type HomePaths } from '../../src/config/paths.js';
import { thisProcess } from '../../src/core/process-identity.js';
import { runChecks, type CheckResult, type RunChecksOptions } from '../../src/doctor/index.js';
import { loadOrCreate } from '../../src/proxy/ca-files.js';
import { pinnedRelease } from '../../supervisor/toxiproxy/provision/index.js';
import { freePort } from '../../supervisor/free-port.js';
import { serverProgram, writeProgram } from '../helpers/releases.js';
import { tempFolder } from '../helpers/temp-folder.js';
import { testToxiproxy } from '../helpers/toxiproxy.js';

let folder: string;
let home: HomePaths;
let provisioned: string;

beforeEach(async () => {
  provisioned = testToxiproxy();
  folder = await tempFolder('doctor');
  home = proxyctlHome(join(folder, 'home'));
  for (const name of Object.keys(process.env)) if (/^PROXYCTL_|_proxy$/i.test(name)) vi.stubEnv(name, '');
});
afterEach(() => vi.unstubAllEnvs());

async function check(name: string, options: RunChecksOptions = {}): Promise<CheckResult> {
  const results = await runChecks({ home, apiPort: await freePort(), toxiproxyPath: provisioned, ...options });
  const found = results.find((result) => result.name === name);
  if (found === undefined) throw new Error(`There is no check ${name}`);
  return found;
}

describe('runChecks', () => {
  test('on a fresh home nothing fails, and each result is handed over in order', async () => {
    const seen: string[] = [];
    const results = await runChecks({
      home,
      apiPort: await freePort(),
      toxiproxyPath: provisioned,
      onResult: ({ name }) => seen.push(name),
    });
    expect(results.filter(({ status }) => status === 'fail')).toEqual([]);
    expect(seen).toEqual(results.map(({ name }) => name));
    expect(results.every(({ detail }) => detail !== '')).toBe(true);
  });

  test('looks only: the home is not made', async () => {
    await runChecks({ home, toxiproxyPath: provisioned });
    await expect(mkdir(home.home)).resolves.toBeUndefined();
  });

  test('every warning and failure of a broken home says what to do', async () => {
    await writeFile(join(folder, 'home'), 'a file');
    const results = await runChecks({ home, toxiproxyPath: join(folder, 'none') });
    for (const { status, hint, name } of results) if (status === 'warn') expect(hint, name).toBeDefined();
    expect(results.find(({ name }) => name === 'home')).toMatchObject({
      status: 'fail',
      detail: `${home.home} is not a folder`,
    });
  });
});

describe('toxiproxy', () => {
  test('says which one and from where', async () => {
    expect(await check('toxiproxy')).toMatchObject({
      status: 'ok',
      detail: `Toxiproxy ${pinnedRelease.version} from the path that was given: ${provisioned}`,
    });
  });

  test('another version is a warning', async () => {
    const path = await writeProgram(join(folder, 'old'), serverProgram('2.5.0'));
    expect(await check('toxiproxy', { toxiproxyPath: path })).toMatchObject({
      status: 'warn',
      hint: `proxyctl is tested with ${pinnedRelease.version}.`,
    });
  });

  test('none, and no way to get one, is a failure that names the causes', async () => {
    vi.stubEnv('PATH', folder);
    vi.stubEnv('PROXYCTL_TOXIPROXY_RELEASES', 'http://releases.invalid');
    const result = await check('toxiproxy', { toxiproxyPath: undefined });
    expect(result).toMatchObject({ status: 'fail', hint: expect.stringContaining('PROXYCTL_TOXIPROXY') as string });
    expect(result.detail).toMatch(/http:\/\/releases\.invalid cannot be reached \(.*(ENOTFOUND|EAI_AGAIN).*no Go/);
  });

  test('none, but releases that can be reached, is a warning', async () => {
    const server = createServer((socket) => void socket.end('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    vi.stubEnv('PATH', folder);
    vi.stubEnv('PROXYCTL_TOXIPROXY_RELEASES', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    expect(await check('toxiproxy', { toxiproxyPath: undefined })).toMatchObject({
      status: 'warn',
      detail: expect.stringContaining('the first stack downloads') as string,
    });
  });
});

describe('ca', () => {
  test('one that is there says until when it is valid', async () => {
    await loadOrCreate(home.caDir);
    expect(await check('ca')).toMatchObject({
      status: 'ok',
      detail: expect.stringMatching(/valid until 20\d\d-/) as string,
    });
  });

  test('a key that others can read is a failure with the command that helps', async () => {
    await loadOrCreate(home.caDir);
    await chmod(join(home.caDir, 'ca.key'), 0o644);
    expect(await check('ca')).toMatchObject({ status: 'fail', hint: `Run: chmod 600 ${join(home.caDir, 'ca.key')}` });
  });

  test('a certificate of another key is a failure', async () => {
    await loadOrCreate(home.caDir);
    const { certPem } = await loadOrCreate(join(folder, 'other'));
    await writeFile(join(home.caDir, 'ca.pem'), certPem);
    expect(await check('ca')).toMatchObject({
      status: 'fail',
      detail: expect.stringContaining('does not belong') as string,
    });
  });
});

describe('stack and api port', () => {
  test('a state file of a process that is gone is a warning', async () => {
    await mkdir(home.stateDir, { recursive: true });
    await writeFile(
      home.stateFile,
      JSON.stringify({ process: { ...thisProcess(), startedAt: 'long ago' }, startedAt: 'x', version: '0' }),
    );
    expect(await check('stack')).toMatchObject({
      status: 'warn',
      detail: expect.stringContaining('was killed') as string,
    });
  });

  test('a port that is taken is a warning', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    expect(await check('api port', { apiPort: port })).toMatchObject({
      status: 'warn',
      detail: `${port} is used by another program`,
    });
  });
});

describe('variables', () => {
  test('a proxy that is set already is a warning, its password not shown', async () => {
    vi.stubEnv('HTTPS_PROXY', 'http://me:secret@proxy.example:3128');
    expect(await check('proxy variables')).toMatchObject({
      status: 'warn',
      detail: 'HTTPS_PROXY=http://…@proxy.example:3128',
    });
  });

  test('a malformed PROXYCTL_URL is a failure, and the token is not shown', async () => {
    vi.stubEnv('PROXYCTL_TOKEN', 'secret');
    vi.stubEnv('PROXYCTL_STORE', '/recordings');
    expect(await check('variables')).toMatchObject({
      status: 'ok',
      detail: expect.stringContaining('PROXYCTL_TOKEN=…') as string,
    });
    vi.stubEnv('PROXYCTL_URL', 'nonsense');
    expect(await check('variables')).toMatchObject({
      status: 'fail',
      detail: 'PROXYCTL_URL is "nonsense", which is not an http or https URL',
    });
  });
});
