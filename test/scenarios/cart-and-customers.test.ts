import { createHmac } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { join } from 'node:path';
import {
  credentials,
  makeGenericClientConstructor,
  Server,
  ServerCredentials,
  type sendUnaryData,
  type ServerUnaryCall,
  type ServiceDefinition,
} from '@grpc/grpc-js';
import { fetch, ProxyAgent } from 'undici';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OpenSession } from '../../src/api/stack-api.js';
import { ResourceScope } from '../../src/core/resource-scope.js';
import { listening } from '../helpers/listening.js';
import { eventOf } from '../helpers/scenario.js';
import { startStackWithOrigin, type StackWithOrigin } from '../helpers/stack-with-origin.js';
import { makeTestCertificate } from '../helpers/test-certificate.js';

/*
 * A cart service (REST by TLS, with a JWT) and a customers service (gRPC by TLS), both behind the session's proxy. The
 * client asks the one for its cart, and the other for the customer's name.
 */
const names = ['cart.test', 'customers.test'];
const secret = 'only the cart knows';
const bytes = (data: Buffer): Buffer => data;
const service: ServiceDefinition = {
  name: {
    ...{ path: '/shop.Customers/Name', requestStream: false, responseStream: false },
    ...{ requestSerialize: bytes, requestDeserialize: bytes, responseSerialize: bytes, responseDeserialize: bytes },
  },
};
interface Customers {
  name(id: Buffer, done: (error: Error | null, name?: Buffer) => void): void;
  close(): void;
}

const scope = new ResourceScope();
const backends = new ResourceScope();
let running: StackWithOrigin;
let upstreamCa: string;
let ca: string;
let cartPort: number;
let customersPort: number;

beforeAll(async () => {
  running = await startStackWithOrigin('cart');
  scope.defer(running.close);
  const { ca: authority, cert, key } = await makeTestCertificate(['127.0.0.1', ...names]);
  upstreamCa = authority;
  ca = (await running.stack.api.ca()).pem;
  const cart = createServer({ cert, key }, (request, response) => {
    request.resume();
    const isLogin = request.url === '/login';
    const known = isLogin || request.headers.authorization === `Bearer ${token()}`;
    response.writeHead(known ? 200 : 401, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify(isLogin ? { token: token() } : known ? { customer: 7, total: 16.5 } : { error: 'who?' }),
    );
  });
  const listener = await listening(cart);
  backends.defer(listener.close);
  cartPort = listener.port;
  const customers = new Server();
  customers.addService(service, {
    name: (call: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>) =>
      done(null, Buffer.from(`customer ${call.request.toString()}`)),
  });
  const pair = { cert_chain: Buffer.from(cert), private_key: Buffer.from(key) };
  customersPort = await new Promise<number>((resolve, reject) =>
    customers.bindAsync('127.0.0.1:0', ServerCredentials.createSsl(null, [pair]), (error, port) =>
      error === null ? resolve(port) : reject(error),
    ),
  );
  backends.defer(() => customers.forceShutdown());
});

afterAll(async () => {
  delete process.env['grpc_proxy'];
  await backends.close();
  await scope.close();
});

/** The same at any time, so that the cart need not remember it. */
function token(): string {
  const [head, claims] = [{ alg: 'HS256', typ: 'JWT' }, { sub: '7' }].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  );
  return `${head}.${claims}.${createHmac('sha256', secret).update(`${head}.${claims}`).digest('base64url')}`;
}

/** The app: logs in, reads its cart, asks for the customer's name, and shows both. */
async function shown(session: OpenSession): Promise<string> {
  const dispatcher = new ProxyAgent({ uri: session.proxyUrl, requestTls: { ca } });
  process.env['grpc_proxy'] = session.proxyUrl;
  const Client = makeGenericClientConstructor(service, 'Customers');
  const customers = new Client('customers.test:443', credentials.createSsl(Buffer.from(ca))) as unknown as Customers;
  try {
    const login = await fetch('https://cart.test/login', { method: 'POST', dispatcher });
    const { token } = (await login.json()) as { token: string };
    const answer = await fetch('https://cart.test/cart', { dispatcher, headers: { authorization: `Bearer ${token}` } });
    if (answer.status !== 200) return `${answer.status} ${await answer.text()}`;
    const cart = (await answer.json()) as { customer: number; total: number };
    const name = await new Promise<string>((resolve, reject) =>
      customers.name(Buffer.from(String(cart.customer)), (error, message) =>
        error === null ? resolve(String(message)) : reject(error),
      ),
    );
    return `${name}: ${cart.total}`;
  } finally {
    customers.close();
    await dispatcher.destroy();
  }
}

async function toBackends(session: OpenSession): Promise<void> {
  await session.redirect({ from: 'cart.test', to: `https://127.0.0.1:${cartPort}` });
  await session.redirect({ from: 'customers.test', to: `https://127.0.0.1:${customersPort}` });
}

test('of a cart by REST and its customer by gRPC one field is mocked, a call is watched, and a link slows both', async () => {
  await using session = await running.stack.api.open({ upstreamCa: [upstreamCa] });
  await toBackends(session);
  expect(await shown(session)).toBe('customer 7: 16.5');
  await session.mock({
    predicate: { host: 'cart.test', command: '/cart' },
    response: { modify: { '$.total': 99.5 } },
  });
  const isName = ({ url }: { url: string }): boolean => url.endsWith('/shop.Customers/Name');
  const event = await eventOf(session, 'response', () => shown(session), isName);
  expect(event).toMatchObject({ method: 'POST', url: 'https://customers.test/shop.Customers/Name', status: 200 });
  await session.link({ rtt: '100ms' });
  const begun = performance.now();
  expect(await shown(session)).toBe('customer 7: 99.5');
  expect(performance.now() - begun).toBeGreaterThan(300); // three requests, each after the other
  await session.expect({ predicate: { host: 'cart.test', command: '/cart' }, count: { min: 3 }, within: '1s' });
});

test('both are recorded, with the token redacted, and replayed with the services gone', async () => {
  const recorded = { testId: 'cart', store: `${running.folder}/store` };
  {
    await using session = await running.stack.api.open({ ...recorded, mode: 'record', upstreamCa: [upstreamCa] });
    await toBackends(session);
    expect(await shown(session)).toBe('customer 7: 16.5');
    expect(await session.publish()).toMatchObject({ published: true, entries: 3 });
  }
  const stored = (await readdir(recorded.store, { recursive: true })).filter((name) => name.endsWith('.har'));
  const har = await readFile(join(recorded.store, stored[0] ?? ''), 'utf8');
  expect(har).toContain('https://cart.test/cart');
  expect(har).not.toContain(token().split('.')[2]);
  await backends.close();
  await using session = await running.stack.api.open({ ...recorded, mode: 'replay' });
  expect(await shown(session)).toBe('customer 7: 16.5');
  const { misses, failures, upstreamConnections } = await session.close();
  expect({ misses, failures, upstreamConnections }).toEqual({ misses: [], failures: [], upstreamConnections: 0 });
});
