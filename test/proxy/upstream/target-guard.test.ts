import dns from 'node:dns';
import { networkInterfaces } from 'node:os';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { TargetGuard } from '../../../src/proxy/upstream/target-guard.js';
import { startProxy, type TestProxy } from '../../helpers/engine.js';
import { Origin } from '../../helpers/origin.js';

async function startOrigin(): Promise<Origin> {
  const origin = await Origin.start();
  onTestFinished(() => origin.close());
  return origin;
}

async function guarded(allow: string[] = [], ports: number[] = [], more: object = {}): Promise<TestProxy> {
  return startProxy({ upstream: { guard: new TargetGuard(allow, () => new Set(ports)), ...more } });
}

async function ask(proxy: TestProxy, url: string): Promise<{ status: number; text: string }> {
  const connection = await proxy.connect();
  connection.write(`GET ${url} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  const head = await connection.head();
  return { status: head.status, text: (await connection.rest()).toString() };
}

const spellings = [
  '127.0.0.1',
  '127.1',
  '2130706433',
  '0x7f000001',
  '0x7f.0.0.1',
  '0177.0.0.1',
  '127.000.000.001',
  '0.0.0.0',
  '0',
  'localhost',
  'LOCALHOST',
  '[::1]',
  '[::]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[0:0:0:0:0:ffff:127.0.0.1]',
  '[64:ff9b::127.0.0.1]',
];

describe('a target of this machine, its link or a metadata service is refused', () => {
  test.each([
    ...spellings,
    '169.254.169.254',
    '0xa9fea9fe',
    '2852039166',
    '[fd00:ec2::254]',
    '169.254.10.10',
    '[fe80::1]',
  ])('as %s', async (host) => {
    const origin = await startOrigin();
    const proxy = await guarded();
    const { status, text } = await ask(proxy, `http://${host}:${origin.httpPort}/json`);
    expect([status, text]).toEqual([403, expect.stringContaining('PROXYCTL_TARGET_REFUSED')]);
    expect(text).toContain('--allow-target');
    expect(origin.connections).toBe(0);
  });

  test.each(['plain', 'tls'] as const)('in a tunnel, %s', async (kind) => {
    const origin = await startOrigin();
    const proxy = await guarded();
    const port = kind === 'tls' ? origin.httpsPort : origin.httpPort;
    const connection = await proxy.connect(`localhost:${port}`, kind);
    connection.write('GET /json HTTP/1.1\r\nHost: localhost\r\n\r\n');
    expect((await connection.head()).status).toBe(403);
    expect(origin.connections).toBe(0);
  });

  test('in a tunnel that passes through untouched', async () => {
    const origin = await startOrigin();
    const guard = new TargetGuard([], () => new Set());
    const proxy = await startProxy({
      upstream: { guard },
      session: { interception: () => ({ passthrough: 'configured' }) },
    });
    await expect(proxy.connect(`localhost:${origin.httpsPort}`)).rejects.toThrow(
      /403 Forbidden.*PROXYCTL_TARGET_REFUSED/s,
    );
    expect(origin.connections).toBe(0);
  });

  test('by SOCKS, with the number for what is not allowed', async () => {
    const origin = await startOrigin();
    const guard = new TargetGuard([], () => new Set());
    const proxy = await startProxy({
      upstream: { guard },
      session: { interception: () => ({ passthrough: 'configured' }) },
    });
    const connection = await proxy.connect();
    connection.write(Buffer.of(5, 1, 0));
    await connection.bytes(2);
    connection.write(Buffer.of(5, 1, 0, 1, 127, 0, 0, 1, origin.httpPort >> 8, origin.httpPort & 255));
    expect((await connection.bytes(10))[1]).toBe(2);
    expect(origin.connections).toBe(0);
  });

  test('of a session that stands for a backend', async () => {
    const origin = await startOrigin();
    const proxy = await startProxy({
      upstream: { guard: new TargetGuard([], () => new Set()) },
      session: { reverse: { scheme: 'http', host: '127.0.0.1', port: origin.httpPort } },
    });
    expect((await ask(proxy, '/json')).status).toBe(403);
    expect(origin.connections).toBe(0);
  });

  test('that another host was said to be (--resolve)', async () => {
    const origin = await startOrigin();
    const proxy = await guarded([], [], { resolve: [`api.example=127.0.0.1:${origin.httpPort}`] });
    expect((await ask(proxy, 'http://api.example/json')).status).toBe(403);
    expect(origin.connections).toBe(0);
  });
});

describe('a name that resolves there', () => {
  afterEach(() => void vi.restoreAllMocks());

  /** Has a name resolve to these addresses, one list for each time that it is asked for, the last for ever. */
  function resolving(...answers: string[][]): { asked: () => number } {
    let asked = 0;
    vi.spyOn(dns, 'lookup').mockImplementation(((
      _name: string,
      _options: object,
      done: (error: null, addresses: { address: string; family: number }[]) => void,
    ) => {
      const addresses = answers[Math.min(asked, answers.length - 1)] ?? [];
      asked += 1;
      done(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      );
    }) as unknown as typeof dns.lookup);
    return { asked: () => asked };
  }

  test.each(['127.0.0.1', '::1', '169.254.169.254', 'fd00:ec2::254', '::ffff:127.0.0.1'])(
    '%s is refused',
    async (address) => {
      const origin = await startOrigin();
      const proxy = await guarded();
      resolving([address]);
      const { status, text } = await ask(proxy, `http://rebound.example:${origin.httpPort}/json`);
      expect([status, text]).toEqual([403, expect.stringContaining(address)]);
      expect(origin.connections).toBe(0);
    },
  );

  test('is asked for once: the connection goes to the address that was judged', async () => {
    const origin = await startOrigin();
    const proxy = await guarded([`127.0.0.1:${origin.httpPort}`]);
    const lookup = resolving(['127.0.0.1'], ['169.254.169.254']);
    expect((await ask(proxy, `http://rebound.example:${origin.httpPort}/json`)).status).toBe(200);
    expect(lookup.asked()).toBe(1);
  });

  test('among others is left out', async () => {
    const origin = await startOrigin();
    const proxy = await guarded(['127.0.0.1']);
    resolving(['169.254.169.254', '127.0.0.1']);
    expect((await ask(proxy, `http://several.example:${origin.httpPort}/json`)).status).toBe(200);
  });
});

describe('what was allowed is connected to', () => {
  test.each(spellings.filter((host) => !/::\]|64:|::1\]|^0$|0\.0\.0\.0/.test(host)))('as %s', async (host) => {
    const origin = await startOrigin();
    const proxy = await guarded([`localhost:${origin.httpPort}`]);
    expect((await ask(proxy, `http://${host}:${origin.httpPort}/json`)).status).toBe(200);
  });

  test('but never the stack’s own ports, at none of this machine’s addresses', async () => {
    const origin = await startOrigin();
    const proxy = await guarded(['*'], [origin.httpPort]);
    const own = Object.values(networkInterfaces()).flatMap(
      (addresses) => addresses?.map(({ address }) => address) ?? [],
    );
    const hosts = [...own.map((address) => (address.includes(':') ? `[${address}]` : address)), ...spellings];
    for (const host of hosts.filter((host) => !host.includes('%') && !host.startsWith('[fe80'))) {
      const { status, text } = await ask(proxy, `http://${host}:${origin.httpPort}/json`);
      expect([host, status, text]).toEqual([host, 403, expect.stringContaining('the stack’s own')]);
    }
    expect(origin.connections).toBe(0);
  });
});

test.each(['http://127.0.0.1', 'http://0x7f.1', 'http://2130706433', 'http://localhost', 'http://[::ffff:127.0.0.1]'])(
  '%s is not asked of a parent proxy either, which itself may be on this machine',
  async (base) => {
    const parent = await startOrigin();
    const proxy = await guarded([], [], { upstreamProxy: `http://127.0.0.1:${parent.httpPort}` });
    expect((await ask(proxy, `${base}:1234/json`)).status).toBe(403);
    expect(parent.connections).toBe(0);
    await ask(proxy, 'http://nowhere.invalid/json');
    expect(parent.connections).toBe(1);
  },
);
