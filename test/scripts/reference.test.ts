import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { referencePages } from '../../scripts/reference/pages.js';
import { errorCodes } from '../../src/errors/index.js';
import { normalizers } from '../../src/replay/volatile/normalizers/index.js';
import { toxicDefinitions } from '../../src/toxics/index.js';

const folder = new URL('../../docs/reference/', import.meta.url);
const pages = await referencePages();

describe('docs/reference', () => {
  test.each(Object.keys(pages))('%s is what the declarations say; if not, run: npm run docs', async (name) => {
    expect(await readFile(new URL(name, folder), 'utf8')).toBe(pages[name]);
  });

  test('holds no page that is not made from them', async () => {
    expect((await readdir(folder)).sort()).toEqual(Object.keys(pages).sort());
  });

  test('names every toxic, every normalizer, every error code, and the commands of every toxic', () => {
    for (const { type } of toxicDefinitions) {
      expect(pages['toxics.md']).toContain(`\n## ${type}\n`);
      expect(pages['commands.md']).toContain(`\n## toxic ${type}\n`);
    }
    for (const { name } of normalizers) expect(pages['normalizers.md']).toContain(`\n## ${name}\n`);
    for (const code of Object.keys(errorCodes)) expect(pages['errors.md']).toContain(`| \`${code}\` |`);
  });
});
