import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { freePort } from '../../../supervisor/free-port.js';
import { ToxiproxyApi } from '../../../supervisor/toxiproxy/toxiproxy-api.js';
import { ToxiproxyServer } from '../../../supervisor/toxiproxy/toxiproxy-server.js';
import { testToxiproxy } from '../../helpers/toxiproxy.js';

let server: ToxiproxyServer;
let api: ToxiproxyApi;

beforeAll(async () => {
  server = await ToxiproxyServer.start({ binary: testToxiproxy() });
  ({ api } = server);
});
afterAll(() => server.close());
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const { name } of await api.proxies()) await api.deleteProxy(name);
});

const anyListener = { listen: '127.0.0.1:0', upstream: '127.0.0.1:1' };
const slow = {
  name: 'slow',
  type: 'latency',
  stream: 'downstream' as const,
  toxicity: 1,
  attributes: { latency: 100, jitter: 0 },
};

describe('proxies', () => {
  test('are the very same list while nothing changes', async () => {
    await api.createProxy({ name: 'same', listen: '127.0.0.1:0', upstream: '127.0.0.1:9' });
    const listed = await api.proxies();
    expect(await api.proxies()).toBe(listed);
    await api.addToxic('same', { name: 'slow', type: 'latency', stream: 'upstream', toxicity: 1, attributes: {} });
    expect((await api.proxies())[0]?.toxics).toMatchObject([{ name: 'slow' }]);
  });

  test('a new one says which port it took, and is listed with its toxics', async () => {
    const created = await api.createProxy({ name: 's1', ...anyListener });
    expect(created.listen).toMatch(/^127\.0\.0\.1:[1-9]\d*$/);
    expect(created.enabled).toBe(true);
    await api.addToxic('s1', slow);
    expect(await api.proxies()).toEqual([{ ...created, toxics: [slow] }]);
    expect(await api.proxy('s1')).toEqual({ ...created, toxics: [slow] });
  });

  test('disabling closes the listener, enabling opens it on the same port', async () => {
    const { listen } = await api.createProxy({ name: 's1', ...anyListener });
    expect(await api.updateProxy('s1', { enabled: false })).toMatchObject({ enabled: false, listen });
    await expect(fetch(`http://${listen}/`)).rejects.toThrow();
    expect(await api.updateProxy('s1', { enabled: true })).toMatchObject({ enabled: true, listen });
  });

  test('one that is not there is undefined, and cannot be deleted', async () => {
    expect(await api.proxy('nobody')).toBeUndefined();
    await expect(api.deleteProxy('nobody')).rejects.toMatchObject({ code: 'PROXYCTL_NOT_FOUND' });
  });

  test('a port that is taken is PROXYCTL_PORT_IN_USE with the address', async () => {
    const port = await takenPort();
    await expect(
      api.createProxy({ name: 's1', listen: `127.0.0.1:${port}`, upstream: '127.0.0.1:1' }),
    ).rejects.toMatchObject({
      code: 'PROXYCTL_PORT_IN_USE',
      message: expect.stringContaining(`127.0.0.1:${port}`) as string,
    });
    expect(await api.proxy('s1')).toBeUndefined();
  });

  test('an address of another machine is PROXYCTL_USAGE', async () => {
    await expect(api.createProxy({ name: 's1', listen: '192.0.2.1:0', upstream: '127.0.0.1:1' })).rejects.toMatchObject(
      { code: 'PROXYCTL_USAGE' },
    );
  });

  test('a name with characters that mean something in a URL reaches that proxy and no other', async () => {
    await api.createProxy({ name: 'a', ...anyListener });
    await api.createProxy({ name: 'a?b#c d%20', ...anyListener });
    await api.deleteProxy('a?b#c d%20');
    expect((await api.proxies()).map(({ name }) => name)).toEqual(['a']);
  });
});

describe('toxics', () => {
  test('are added, changed, and removed', async () => {
    await api.createProxy({ name: 's1', ...anyListener });
    expect(await api.addToxic('s1', { ...slow, toxicity: 0.1 })).toEqual({ ...slow, toxicity: 0.1 });
    const changed = { ...slow, toxicity: 0.5, attributes: { latency: 100, jitter: 20 } };
    expect(await api.updateToxic('s1', 'slow', { toxicity: 0.5, attributes: { jitter: 20 } })).toEqual(changed);
    await api.removeToxic('s1', 'slow');
    expect((await api.proxy('s1'))?.toxics).toEqual([]);
  });

  test('a second one of the same name is PROXYCTL_TOXIC_EXISTS', async () => {
    await api.createProxy({ name: 's1', ...anyListener });
    await api.addToxic('s1', slow);
    await expect(api.addToxic('s1', slow)).rejects.toMatchObject({ code: 'PROXYCTL_TOXIC_EXISTS' });
  });

  test('one that is not there is PROXYCTL_TOXIC_NOT_FOUND', async () => {
    await api.createProxy({ name: 's1', ...anyListener });
    await expect(api.removeToxic('s1', 'x')).rejects.toMatchObject({ code: 'PROXYCTL_TOXIC_NOT_FOUND' });
    await expect(api.updateToxic('s1', 'x', {})).rejects.toMatchObject({ code: 'PROXYCTL_TOXIC_NOT_FOUND' });
  });

  test('a type that Toxiproxy does not know is refused in its own words', async () => {
    await api.createProxy({ name: 's1', ...anyListener });
    await expect(api.addToxic('s1', { ...slow, type: 'gremlins' })).rejects.toMatchObject({
      code: 'PROXYCTL_USAGE',
      message: 'Toxiproxy refused adding toxic slow to s1: invalid toxic type',
    });
  });

  test('reset removes all of them and enables all proxies', async () => {
    await api.createProxy({ name: 's1', ...anyListener });
    await api.addToxic('s1', slow);
    await api.updateProxy('s1', { enabled: false });
    await api.reset();
    expect(await api.proxy('s1')).toMatchObject({ enabled: true, toxics: [] });
  });
});

describe('the connection to Toxiproxy', () => {
  test('proxy variables of the environment do not apply to it', async () => {
    for (const name of ['HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy']) vi.stubEnv(name, 'http://127.0.0.1:1');
    vi.stubEnv('NO_PROXY', '');
    vi.stubEnv('NODE_USE_ENV_PROXY', '1');
    await using fresh = new ToxiproxyApi(server.url);
    expect(await fresh.version()).toBe(server.version);
  });

  test('nobody listening is PROXYCTL_CHILD and names the address', async () => {
    await using lonely = new ToxiproxyApi(`http://127.0.0.1:${await freePort()}`);
    await expect(lonely.version()).rejects.toMatchObject({
      code: 'PROXYCTL_CHILD',
      message: expect.stringContaining('ECONNREFUSED') as string,
    });
  });

  test('a server that never answers is PROXYCTL_TIMEOUT', async () => {
    await using silent = new ToxiproxyApi(`http://127.0.0.1:${await takenPort()}`, { limitMs: 100 });
    await expect(silent.proxies()).rejects.toMatchObject({ code: 'PROXYCTL_TIMEOUT' });
  });
});

/** A port on which something accepts connections and never says anything. */
async function takenPort(): Promise<number> {
  const listener = createServer((socket) => socket.on('error', () => undefined));
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  onTestFinished(() => void listener.close());
  return (listener.address() as AddressInfo).port;
}
