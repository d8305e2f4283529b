import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { Origin } from '../helpers/origin.js';
import { run, type Finished } from '../helpers/processes.js';
import { tempFolder } from '../helpers/temp-folder.js';
import { startForwardProxy, type ForwardProxy } from './forward-proxy.js';

const preload = fileURLToPath(new URL('../../dist/src/preload/node-env-proxy.cjs', import.meta.url));

interface Setup {
  proxy: ForwardProxy;
  origin: Origin;
  node: (script: string, env?: Record<string, string>) => Promise<Finished>;
}

async function setup(): Promise<Setup> {
  const [proxy, origin] = [await startForwardProxy(), await Origin.start()];
  onTestFinished(() => origin.close());
  const node = (script: string, env: Record<string, string> = {}): Promise<Finished> =>
    run(process.execPath, ['-e', script, origin.httpUrl('/json'), origin.httpsUrl('/json')], {
      extendEnv: false,
      env: {
        PATH: process.env.PATH,
        NODE_OPTIONS: `--require ${preload}`,
        NODE_USE_ENV_PROXY: '1',
        NODE_EXTRA_CA_CERTS: origin.caFile,
        HTTP_PROXY: proxy.url,
        HTTPS_PROXY: proxy.url,
        ...env,
      },
    });
  return { proxy, origin, node };
}

const [http, https] = ['process.argv[1]', 'process.argv[2]'];

function connectLine(url: string): string {
  return `CONNECT ${new URL(url).host}`;
}

test('fetch goes through the proxy, by http and https', async () => {
  const { proxy, origin, node } = await setup();
  const script = `(async () => { for (const url of [${http}, ${https}]) console.log((await fetch(url)).status); })()`;
  expect((await node(script)).stdout).toBe('200\n200');
  expect(proxy.asked).toEqual([connectLine(origin.httpUrl('/')), connectLine(origin.httpsUrl('/'))]);
});

test('http.get sends the absolute form to the proxy', async () => {
  const { proxy, origin, node } = await setup();
  expect((await node(`require('http').get(${http}, (r) => console.log(r.resume().statusCode))`)).stdout).toBe('200');
  expect(proxy.asked).toEqual([`GET ${origin.httpUrl('/json')}`]);
});

test('https.get opens a tunnel and checks the certificate of the origin, not of the proxy', async () => {
  const { proxy, origin, node } = await setup();
  expect((await node(`require('https').get(${https}, (r) => console.log(r.resume().statusCode))`)).stdout).toBe('200');
  expect(proxy.asked).toEqual([connectLine(origin.httpsUrl('/'))]);
  const untrusting = await node(`require('https').get(${https}).on('error', (e) => console.log(e.code))`, {
    NODE_EXTRA_CA_CERTS: '',
  });
  expect(untrusting.stdout).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
});

test('an ES module that imports https by name is covered too', async () => {
  const { proxy, origin, node } = await setup();
  const file = join(await tempFolder(), 'client.mjs');
  await writeFile(file, `import { get } from 'node:https'; get('${origin.httpsUrl('/json')}', (r) => r.resume());`);
  const { all } = await node(`import(${JSON.stringify(file)})`);
  expect(all).toBe('');
  expect(proxy.asked).toEqual([connectLine(origin.httpsUrl('/'))]);
});

test('two https requests in a row share one tunnel', async () => {
  const { proxy, node } = await setup();
  const script = `const get = (then) => require('https').get(${https}, (r) => r.resume().on('end', () => setImmediate(then)));
    get(() => get(() => {}));`;
  expect((await node(script)).all).toBe('');
  expect(proxy.asked).toHaveLength(1);
});

test('headers given as an array, a request body and credentials of the proxy all arrive', async () => {
  const { proxy, origin, node } = await setup();
  const withCredentials = { HTTP_PROXY: proxy.url.replace('//', '//user:p%40ss@') };
  const script = `const r = require('http').request(new URL('/echo', ${http}), { method: 'POST', headers: ['Host', 'origin.test', 'X-A', '1', 'Content-Length', '3'] },
    (a) => a.setEncoding('utf8').on('data', (d) => console.log(d))); r.end('abc');`;
  const { stdout, all } = await node(script, withCredentials);
  expect(all).toContain('"length":3');
  expect(stdout).toContain('POST');
  expect(proxy.asked).toEqual([`POST ${origin.httpUrl('/echo')}`]);
  expect(proxy.credentials).toEqual([`Basic ${Buffer.from('user:p@ss').toString('base64')}`]);
});

test('NO_PROXY, an agent of the program’s own and a socket path are left alone', async () => {
  const { proxy, node } = await setup();
  const direct = await node(`require('http').get(${http}, (r) => console.log(r.resume().statusCode))`, {
    NO_PROXY: '127.0.0.1,localhost',
  });
  expect(direct.stdout).toBe('200');
  const own = `const http = require('http'); http.get(${http}, { agent: new http.Agent() }, (r) => console.log(r.resume().statusCode))`;
  expect((await node(own)).stdout).toBe('200');
  const path = `require('http').get({ socketPath: '/nowhere', path: '/' }).on('error', (e) => console.log(e.code))`;
  expect((await node(path)).stdout).toBe('ENOENT');
  expect(proxy.asked).toEqual([]);
});

test('a request to the proxy itself, as axios makes it, is not sent through the proxy once more', async () => {
  const { proxy, origin, node } = await setup();
  const { hostname, port } = new URL(proxy.url);
  const script = `require('http').get({ host: '${hostname}', port: ${port}, path: ${http} }, (r) => console.log(r.resume().statusCode))`;
  expect((await node(script)).stdout).toBe('200');
  expect(proxy.asked).toEqual([`GET ${origin.httpUrl('/json')}`]);
});

test('a program that sets its own fetch dispatcher has its way', async () => {
  const { proxy, node } = await setup();
  const script = `const { setGlobalDispatcher, Agent } = require(${JSON.stringify(fileURLToPath(import.meta.resolve('undici')))});
    setGlobalDispatcher(new Agent()); fetch(${http}).then((r) => console.log(r.status))`;
  expect((await node(script)).stdout).toBe('200');
  expect(proxy.asked).toEqual([]);
});

test('a process that makes no request loads neither http nor undici', async () => {
  const { node } = await setup();
  const { stdout } = await node(`console.log(process.moduleLoadList.includes('NativeModule http'),
    Object.keys(require.cache).some((path) => path.includes('undici')))`);
  expect(stdout).toBe('false false');
});
