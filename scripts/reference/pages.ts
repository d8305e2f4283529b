import { commandsPage } from './commands-page.js';
import { errorsPage } from './errors-page.js';
import { licensesPage } from './licenses-page.js';
import { linksPage } from './links-page.js';
import { normalizersPage } from './normalizers-page.js';
import { refusedPage } from './refused-page.js';
import { toxicsPage } from './toxics-page.js';

/** Every page of docs/reference/ by its file name, made from the declarations. */
export async function referencePages(): Promise<Record<string, string>> {
  const pages = {
    'commands.md': await commandsPage(),
    'errors.md': errorsPage(),
    'licenses.md': licensesPage(),
    'links.md': linksPage(),
    'normalizers.md': normalizersPage(),
    'refused.md': refusedPage(),
    'toxics.md': toxicsPage(),
  };
  const note = '<!-- Made by `npm run docs` from the declarations in src/. Do not edit. -->\n\n';
  return Object.fromEntries(Object.entries(pages).map(([name, text]) => [name, note + text]));
}
