import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connectStack, type StackApi } from 'proxyctl/client';
import { fetch, ProxyAgent, type RequestInit, type Response } from 'undici';
import { test as base } from 'vitest';

type Mock = Parameters<StackApi['mocks']['add']>[1];
type Expectation = Parameters<StackApi['expect']>[1];

/** The session of one test. */
export interface Proxy {
  /** What the app under test is given as its proxy. */
  url: string;
  /** `fetch` through the session, for an app that lives in the test itself. */
  fetch: (url: string | URL, init?: RequestInit) => Promise<Response>;
  /** Answers or changes what fits: `{ predicate: { command: '/cart' }, response: { modify: { '$.total': 1 } } }`. */
  mock(mock: Mock): Promise<void>;
  /** Waits until such requests have been sent; throws with what came closest. */
  expect(expectation: Expectation): Promise<void>;
}

/** `test` with a session of its own in `proxy`. When a test fails, what it sent and got is kept as `reports/TEST.har`. */
export const test = base.extend<{ proxy: Proxy }>({
  proxy: async ({ task }, use) => {
    const stack = connectStack({ url: variable('PROXYCTL_URL'), token: variable('PROXYCTL_TOKEN') });
    // Should this process be killed, the session ends by itself once it has stood unused for two minutes.
    const { id, proxyUrl } = await stack.sessions.create({ name: task.name, history: true, leaseSeconds: 120 });
    const dispatcher = new ProxyAgent({ uri: proxyUrl, requestTls: { ca: (await stack.ca()).pem } });
    await use({
      url: proxyUrl,
      fetch: (url, init) => fetch(url, { ...init, dispatcher }),
      mock: async (mock) => void (await stack.mocks.add(id, mock)),
      expect: async (expectation) => {
        const { met, message, nearest } = await stack.expect(id, expectation);
        const closest = nearest.map(({ method, url, differences }) => `  ${method} ${url}: ${differences.join('; ')}`);
        if (!met) throw new Error([message, ...closest].join('\n'));
      },
    });
    if (task.result?.state === 'fail') {
      // A test that has failed takes no annotations any more; reporters see `meta`.
      Object.assign(task.meta, { har: await keepHar(task.name, await stack.har(id)) });
    }
    await dispatcher.destroy(); // answers that nobody read, too
    await stack.sessions.delete(id);
  },
});

async function keepHar(test: string, har: object): Promise<string> {
  const folder = process.env['REPORTS'] ?? 'reports';
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${test.replace(/[^\w-]+/g, '-')}.har`);
  await writeFile(path, JSON.stringify(har, null, 2));
  process.stderr.write(`The traffic of this test: ${path}\n`);
  return path;
}

function variable(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: run proxyctl exec -- npx vitest run`);
  return value;
}
