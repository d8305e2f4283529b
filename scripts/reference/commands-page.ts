import { commandEntries, type CommandEntry } from '../../src/commands/index.js';
import { exampleLine, type CommandDeclaration } from '../../src/commands/shared/define-command.js';
import { flagShapes, type FlagShape } from '../../src/commands/shared/flag-shape.js';
import { code, codeBlock, page, table } from './markdown.js';

/** docs/reference/commands.md */
export async function commandsPage(): Promise<string> {
  const declared = await Promise.all(
    commandEntries.map(async (entry) => ({ entry, declarations: await entry.load() })),
  );
  return page(
    '# Commands',
    'Each takes `--json` (results, and errors, as JSON) and `--help`. Results go to stdout, all else to stderr. What a command exits with ' +
      'is in [errors.md](errors.md), what each toxic does in [toxics.md](toxics.md).',
    ...headings(declared.map(({ entry }) => entry)),
    ...declared.flatMap(({ declarations }) => declarations.map(section)),
  );
}

function headings(entries: readonly CommandEntry[]): string[] {
  const names = [...new Set(entries.map(({ heading }) => heading))];
  return names.map((name) => {
    const rows = entries.filter(({ heading }) => heading === name).map(({ word, summary }) => [code(word), summary]);
    return table([name, 'does'], rows);
  });
}

function section(declaration: CommandDeclaration): string {
  const { name, summary, description, examples, passthrough } = declaration;
  const args = flagShapes(declaration.args);
  const options = flagShapes(declaration.options);
  const operands = args.map(({ placeholder, required }) => (required ? `<${placeholder}>` : `[${placeholder}]`));
  const rest = passthrough === undefined ? [] : [passthrough === 'required' ? '-- <command…>' : '[-- <command…>]'];
  const usage = ['proxyctl', name, ...operands, ...(options.length === 0 ? [] : ['[options]']), ...rest].join(' ');
  return page(
    `## ${name}`,
    `${summary}.`,
    description ?? '',
    code(usage),
    args.length + options.length === 0
      ? ''
      : table(['option', 'meaning', 'default'], [...args.map(argumentRow), ...options.map(optionRow)]),
    examples.length === 0 ? '' : codeBlock(examples.map(exampleLine)),
  ).trimEnd();
}

function argumentRow({ placeholder, description, defaultText, required }: FlagShape): string[] {
  return [code(`<${placeholder}>`), description, required ? 'required' : (defaultText ?? '')];
}

function optionRow({ flag, short, kind, placeholder, description, defaultText, required }: FlagShape): string[] {
  const value = kind === 'boolean' ? '' : ` <${placeholder}${kind === 'list' ? '…' : ''}>`;
  const names = short === undefined ? flag : `-${short.replace(/^-+/, '')}, ${flag}`;
  return [code(`${names}${value}`), description, required ? 'required' : (defaultText ?? '')];
}
