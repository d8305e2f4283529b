// Writes docs/reference/ anew: `npm run docs`, from the project's folder.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { referencePages } from './reference/pages.js';

const folder = join('docs', 'reference');
await mkdir(folder, { recursive: true });
for (const [name, text] of Object.entries(await referencePages())) await writeFile(join(folder, name), text);
