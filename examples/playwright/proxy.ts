import { test as base } from '@playwright/test';
import { connectStack, type OpenSession } from 'proxyctl/client';

/**
 * `test` whose pages go through a session of their own. When a test fails, what it sent and got is attached to it as a
 * HAR.
 */
export const test = base.extend<{ session: OpenSession }>({
  // eslint-disable-next-line no-empty-pattern -- Playwright reads the names of fixtures from this pattern
  session: async ({}, use, testInfo) => {
    const stack = connectStack({ url: variable('PROXYCTL_URL'), token: variable('PROXYCTL_TOKEN') });
    // Should this process be killed, the session ends by itself once it has stood unused for two minutes.
    const session = await stack.open({ name: testInfo.title, leaseSeconds: 120 });
    await use(session);
    if (testInfo.status !== testInfo.expectedStatus) {
      const body = JSON.stringify(await session.har(), null, 2);
      await testInfo.attach('traffic.har', { body, contentType: 'application/json' });
    }
    await session.close();
  },
  proxy: ({ session }, use) => use({ server: session.proxyUrl }),
});

export { expect } from '@playwright/test';

function variable(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: run proxyctl exec -- npx playwright test`);
  return value;
}
