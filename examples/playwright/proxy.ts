import { test as base } from '@playwright/test';
import { connectStack, type StackApi } from 'proxyctl/client';

type Mock = Parameters<StackApi['mocks']['add']>[1];
type Expectation = Parameters<StackApi['expect']>[1];

/** The session of one test, which its pages use as their proxy. */
export interface Session {
  proxyUrl: string;
  /** Answers or changes what fits: `{ predicate: { command: '/cart' }, response: { modify: { '$.total': 1 } } }`. */
  mock(mock: Mock): Promise<void>;
  /** Waits until such requests have been sent; throws with what came closest. */
  expect(expectation: Expectation): Promise<void>;
  /** What all connections of the browser share: `{ profile: '3g' }`, `{ rtt: '300ms' }`. */
  link(link: Parameters<StackApi['link']['set']>[1]): Promise<void>;
}

/** `test` whose pages go through a session of their own. When a test fails, what it sent and got is attached to it as a HAR. */
export const test = base.extend<{ session: Session }>({
  // eslint-disable-next-line no-empty-pattern -- Playwright reads the names of fixtures from this pattern
  session: async ({}, use, testInfo) => {
    const stack = connectStack({ url: variable('PROXYCTL_URL'), token: variable('PROXYCTL_TOKEN') });
    // Should this process be killed, the session ends by itself once it has stood unused for two minutes.
    const { id, proxyUrl } = await stack.sessions.create({ name: testInfo.title, history: true, leaseSeconds: 120 });
    await use({
      proxyUrl,
      mock: async (mock) => void (await stack.mocks.add(id, mock)),
      expect: async (expectation) => {
        const { met, message, nearest } = await stack.expect(id, expectation);
        const closest = nearest.map(({ method, url, differences }) => `  ${method} ${url}: ${differences.join('; ')}`);
        if (!met) throw new Error([message, ...closest].join('\n'));
      },
      link: async (link) => void (await stack.link.set(id, link)),
    });
    if (testInfo.status !== testInfo.expectedStatus) {
      const body = JSON.stringify(await stack.har(id), null, 2);
      await testInfo.attach('traffic.har', { body, contentType: 'application/json' });
    }
    await stack.sessions.delete(id);
  },
  proxy: ({ session }, use) => use({ server: session.proxyUrl }),
});

export { expect } from '@playwright/test';

function variable(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: run proxyctl exec -- npx playwright test`);
  return value;
}
