import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Har } from '../../../src/har/har.js';
import { startExample, type ExampleProject } from '../../helpers/example-project.js';

let example: ExampleProject;

beforeAll(async () => {
  example = await startExample('playwright');
});

afterAll(() => example.close());

interface Report {
  stats: { expected: number; unexpected: number };
  suites: Suite[];
}
interface Suite {
  file: string;
  specs: { tests: { results: { error?: { message: string }; attachments: { name: string; body?: string }[] }[] }[] }[];
}

test('the Playwright example passes in Chromium, and a failure has its traffic attached', async () => {
  const { project, origin, stack } = example;
  await writeFile(
    join(project, 'failing.spec.ts'),
    `import { test } from './proxy.js';

test('fails', async ({ page, session }) => {
  await page.goto(${JSON.stringify(origin.httpUrl('/json?n=1'))});
  await session.expect({ predicate: { command: '/json', params: { n: 2 } }, within: '100ms' });
});
`,
  );
  process.env['CHROMIUM'] ??= '/usr/bin/chromium';
  const flags = ['--reporter=json', '--workers=1', '--output', join(project, 'results')];
  const finished = await example.run('@playwright/test/cli.js', 'test', ...flags);
  expect(finished.exitCode, finished.all).toBe(1);
  const report = JSON.parse(finished.stdout) as Report;
  expect(report.stats, finished.stdout).toMatchObject({ expected: 2, unexpected: 1 });
  const failed = report.suites.find(({ file }) => file === 'failing.spec.ts')?.specs[0]?.tests[0]?.results[0];
  expect(failed?.error?.message).toMatch(
    /0 requests fit, at least 1 expected[^]*GET http.*\/json\?n=1\s+parameter n is/,
  );
  const attached = failed?.attachments.find(({ name }) => name === 'traffic.har')?.body ?? '';
  const har = JSON.parse(Buffer.from(attached, 'base64').toString()) as Har;
  expect(har.log.entries.map(({ request }) => request.url)).toContain(origin.httpUrl('/json?n=1'));
  expect(await stack.api.sessions.list()).toEqual([]);
});
