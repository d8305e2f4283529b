import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Har } from '../../src/har/har.js';
import { startExample, type ExampleProject } from '../helpers/example-project.js';

let example: ExampleProject;

beforeAll(async () => {
  example = await startExample('vitest');
});

afterAll(() => example.close());

test('the vitest example passes, and a failure leaves its traffic behind with what came closest', async () => {
  const { project, origin, stack } = example;
  await writeFile(join(project, 'vitest.config.ts'), 'export default {};\n'); // not this repository's
  await writeFile(
    join(project, 'failing.test.ts'),
    `import { test } from './proxy.js';

test('fails', async ({ proxy }) => {
  await proxy.fetch(${JSON.stringify(origin.httpUrl('/json?n=1'))});
  await proxy.expect({ predicate: { command: '/json', params: { n: 2 } }, within: '100ms' });
});
`,
  );
  const finished = await example.run('vitest/vitest.mjs', 'run', '--root', project);
  expect(finished.all).toMatch(/Tests {2}1 failed \| 2 passed/);
  expect(finished.exitCode, finished.all).toBe(1);
  expect(finished.all).toMatch(/0 requests fit, at least 1 expected[^]*GET http.*\/json\?n=1\s+parameter n is/);
  expect(finished.all).toContain('The traffic of this test');
  expect(await readdir(join(project, 'reports'))).toEqual(['fails.har']);
  const har = JSON.parse(await readFile(join(project, 'reports/fails.har'), 'utf8')) as Har;
  expect(har.log.entries).toHaveLength(1);
  expect(await stack.api.sessions.list()).toEqual([]);
});
