import { readFile, stat } from 'node:fs/promises';
import { expect, test } from 'vitest';

const page = new URL('../../docs/threat-model.md', import.meta.url);

test('the threat model names a test for each boundary, and each of them is there', async () => {
  const text = await readFile(page, 'utf8');
  const boundaries = text.split(/^## /m).slice(1);
  expect(boundaries.length).toBeGreaterThan(5);
  for (const boundary of boundaries) {
    const tests = Array.from(boundary.matchAll(/\]\((\.\.\/test\/[^)]+)\)/g), ([, path = '']) => path);
    expect(tests, boundary).not.toEqual([]);
    for (const path of tests) await expect(stat(new URL(path, page)), path).resolves.toBeDefined();
  }
});
