import { Command as Commander, CommanderError } from 'commander';
import { packageVersion } from '../../core/package-version.js';
import { UsageError } from '../../errors/index.js';
import { seeHelp, type CommandDeclaration } from './define-command.js';
import type { CommandEntry } from '../index.js';
import type { Output } from './output.js';

/** A command with its values, checked and ready to run. */
export interface Invocation {
  declaration: CommandDeclaration;
  args: Record<string, unknown>;
  options: Record<string, unknown>;
  rest: string[];
  /** The flags as they were given. */
  given: string[];
}

interface ProgramOptions {
  entries: readonly CommandEntry[];
  /**
   * The entry that the command line asks for, with its declarations; the others show in help with their summary alone.
   */
  selected?: { entry: CommandEntry; declarations: readonly CommandDeclaration[] };
  /** What stood after `--`; undefined where there was no `--`. */
  rest: string[] | undefined;
  output: Output;
}

/**
 * Parses a command line with commander. Returns what to run, or the exit code when it was answered by help or version.
 * Throws `UsageError`.
 */
export async function parseCommandLine(own: readonly string[], options: ProgramOptions): Promise<Invocation | number> {
  let invocation: (() => Invocation) | undefined;
  const program = await buildProgram(options, (found) => (invocation = found));
  if (own.length === 0) {
    program.outputHelp();
    return 0;
  }
  try {
    program.parse(own, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (['commander.helpDisplayed', 'commander.version'].includes(error.code)) return 0;
    // Help that nobody asked for: a group was named without one of its commands.
    if (error.code === 'commander.help') return error.exitCode === 0 ? 0 : new UsageError('').exitCode;
    throw usageError(error, own, options);
  }
  if (invocation === undefined) throw new Error('commander ran no action');
  return invocation();
}

async function buildProgram(
  options: ProgramOptions,
  found: (invocation: () => Invocation) => void,
): Promise<Commander> {
  const { entries, selected, output } = options;
  const program = new Commander('proxyctl')
    .description('Bad networks on demand, and recorded backends, for end-to-end tests.')
    .version(packageVersion(), '-V, --version', 'Print the version')
    .helpOption('-h, --help', 'Show help')
    .helpCommand(false)
    .option('--json', 'Print results, and errors, as JSON')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => output.raw(text),
      writeErr: (text) => output.note(text.trimEnd()),
      outputError: () => undefined, // `usageError` says it
      getOutHelpWidth: () => output.columns,
    })
    .configureHelp({ showGlobalOptions: true })
    .addHelpText(
      'after',
      '\nExit codes: CMD’s own, or one of ours; see docs/reference/errors.md. Start with: proxyctl demo',
    );
  for (const entry of entries) {
    const command = program.command(entry.word).summary(entry.summary).helpGroup(`${entry.heading}:`);
    if (entry !== selected?.entry) continue;
    for (const declaration of selected.declarations) {
      const [, subcommand] = declaration.name.split(' ');
      const target = subcommand === undefined ? command : command.command(subcommand);
      // A word that is a command itself describes itself.
      if (subcommand !== undefined && selected.declarations[0]?.name !== entry.word) command.description(entry.summary);
      const { declare } = await import('./declare.js'); // brings the schema library, which help alone need not
      declare(target, declaration, { rest: options.rest, found, warn: (line) => output.note(line) });
    }
  }
  return program;
}

/** commander's complaint in our words: one line, a guess at what was meant, and where the help is. */
function usageError(error: CommanderError, own: readonly string[], { selected }: ProgramOptions): UsageError {
  const [first = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
  const declaration = selected?.declarations.find(({ name }) => own.join(' ').startsWith(name));
  const name = declaration?.name ?? selected?.entry.word;
  const guess = suggestion?.replace(/^\((.*)\)$/, '$1');
  const negative = /^unknown option '(-\.?\d\S*)'$/.exec(first)?.[1];
  if (negative !== undefined)
    return new UsageError(`"${negative}" is negative`, { hint: `Give 0 or more. ${seeHelp(name)}` });
  if (error.code === 'commander.excessArguments' && declaration?.passthrough !== undefined) {
    return new UsageError('An argument stands where none belongs', {
      hint: `The command to run goes after --, like: proxyctl ${declaration.name} … -- curl https://example.com`,
    });
  }
  return new UsageError(capitalize(first), { hint: [guess, seeHelp(name)].filter(Boolean).join(' ') });
}

function capitalize(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}
