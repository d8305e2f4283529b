import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connectStack, type OpenSession } from 'proxyctl/client';
import { fetch, ProxyAgent, type RequestInit, type Response } from 'undici';
import { test as base } from 'vitest';

/** The session of one test: its mocks, expectations, events, HAR; and a way through it. */
export interface Proxy extends OpenSession {
  /** `fetch` through the session, for an app that lives in the test itself. */
  fetch: (url: string | URL, init?: RequestInit) => Promise<Response>;
}

/**
 * `test` with a session of its own in `proxy`. When a test fails, what it sent and got is kept as `reports/TEST.har`.
 */
export const test = base.extend<{ proxy: Proxy }>({
  proxy: async ({ task }, use) => {
    const stack = connectStack({ url: variable('PROXYCTL_URL'), token: variable('PROXYCTL_TOKEN') });
    // Should this process be killed, the session ends by itself once it has stood unused for two minutes.
    await using session = await stack.open({ name: task.name, leaseSeconds: 120 });
    const dispatcher = new ProxyAgent({ uri: session.proxyUrl, requestTls: { ca: (await stack.ca()).pem } });
    await use({ ...session, fetch: (url, init) => fetch(url, { ...init, dispatcher }) });
    if (task.result?.state === 'fail') {
      // A test that has failed takes no annotations any more; reporters see `meta`.
      Object.assign(task.meta, { har: await keepHar(task.name, await session.har()) });
    }
    await dispatcher.destroy(); // answers that nobody read, too
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
