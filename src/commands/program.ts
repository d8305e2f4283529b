import { Argument, Command as Commander, CommanderError, Option } from 'commander';
import { packageVersion } from '../core/package-version.js';
import { UsageError } from '../errors/index.js';
import { checkValues } from './check-values.js';
import { exampleLine, type CommandDeclaration } from './define-command.js';
import { flagShapes, type FlagShape } from './flag-shape.js';
import type { CommandEntry } from './index.js';
import type { Output } from './output.js';

/** A command with its values, checked and ready to run. */
export interface Invocation {
  declaration: CommandDeclaration;
  args: Record<string, unknown>;
  options: Record<string, unknown>;
  rest: string[];
}

export interface ProgramOptions {
  entries: readonly CommandEntry[];
  /** The entry that the command line asks for, with its declarations; the others show in help with their summary alone. */
  selected?: { entry: CommandEntry; declarations: readonly CommandDeclaration[] };
  /** What stood after `--`; undefined where there was no `--`. */
  rest: string[] | undefined;
  output: Output;
}

/**
 * Parses a command line with commander. Returns what to run, or the exit code when it was answered by help or version.
 * Throws `UsageError`.
 */
export function parseCommandLine(own: readonly string[], options: ProgramOptions): Invocation | number {
  let invocation: (() => Invocation) | undefined;
  const program = buildProgram(options, (found) => (invocation = found));
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

function buildProgram(options: ProgramOptions, found: (invocation: () => Invocation) => void): Commander {
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
      if (subcommand !== undefined) command.description(entry.summary);
      declare(target, declaration, options, found);
    }
  }
  return program;
}

function declare(
  command: Commander,
  declaration: CommandDeclaration,
  { rest }: ProgramOptions,
  found: (invocation: () => Invocation) => void,
): void {
  const args = flagShapes(declaration.args);
  const flags = flagShapes(declaration.options).map((shape) => ({ shape, option: toOption(shape, args.length > 0) }));
  command
    .summary(declaration.summary)
    .description([`${declaration.summary}.`, declaration.description].filter(Boolean).join('\n\n'))
    .usage(usageOf(declaration, args))
    .addHelpText('after', examplesText(declaration.examples));
  for (const shape of args) command.addArgument(toArgument(shape));
  for (const { option } of flags) command.addOption(option);
  command.action(() =>
    found(() => {
      const operands = command.processedArgs as unknown[];
      const given = command.opts();
      return {
        declaration,
        rest: checkRest(declaration, rest),
        args: checkValues(
          declaration.args,
          Object.fromEntries(args.map(({ key }, index) => [key, operands[index]])),
          args,
          ({ placeholder }) => placeholder,
        ),
        options: checkValues(
          declaration.options,
          Object.fromEntries(
            flags.map(({ shape, option }) => [shape.key, valueOf(shape, given[option.attributeName()])]),
          ),
          flags.map(({ shape }) => shape),
          ({ flag }) => flag,
        ),
      };
    }),
  );
}

/** Lists of a command with arguments take one value a flag, or they would swallow the arguments. */
function toOption(shape: FlagShape, hasArguments: boolean): Option {
  const { flag, short, kind, placeholder, bare } = shape;
  const dots = kind === 'list' && !hasArguments ? '...' : '';
  const value = kind === 'boolean' ? '' : bare === undefined ? ` <${placeholder}${dots}>` : ` [${placeholder}${dots}]`;
  const option = new Option(`${short === undefined ? '' : `-${short}, `}${flag}${value}`, described(shape));
  // commander takes `--no-intercept HOST` for the opposite of `--intercept`; only a boolean is one.
  if (kind !== 'boolean') option.negate = false;
  if (kind === 'list' && hasArguments) {
    option.argParser((value: string, earlier: string[] | undefined) => [...(earlier ?? []), value]);
  }
  return option;
}

/** A flag that may stand without a value is `true` then to commander. */
function valueOf({ bare }: FlagShape, given: unknown): unknown {
  return given === true && bare !== undefined ? [bare] : given;
}

function toArgument(shape: FlagShape): Argument {
  const dots = shape.kind === 'list' ? '...' : '';
  const name = `${shape.placeholder}${dots}`;
  return new Argument(shape.required ? `<${name}>` : `[${name}]`, described(shape));
}

function described({ description, defaultText }: FlagShape): string {
  return defaultText === undefined ? description : `${description} (default: ${defaultText})`;
}

function usageOf({ passthrough }: CommandDeclaration, args: readonly FlagShape[]): string {
  const operands = args.map(({ placeholder, required, kind }) => {
    const name = `${placeholder}${kind === 'list' ? '...' : ''}`;
    return required ? `<${name}>` : `[${name}]`;
  });
  const cmd = { required: ['-- CMD...'], optional: ['[-- CMD...]'] };
  return [...operands, '[options]', ...(passthrough === undefined ? [] : cmd[passthrough])].join(' ');
}

function examplesText(examples: readonly string[]): string {
  return `\nExamples:\n${examples.map((example) => `  ${exampleLine(example)}`).join('\n')}`;
}

function checkRest({ name, passthrough }: CommandDeclaration, rest: string[] | undefined): string[] {
  if (passthrough === undefined && rest !== undefined) {
    throw new UsageError(`proxyctl ${name} runs no command, so nothing may follow --`, { hint: seeHelp(name) });
  }
  if (passthrough !== undefined && rest?.length === 0) {
    throw new UsageError('No command follows --', { hint: `Write it after --, like: proxyctl ${name} … -- npm test` });
  }
  if (passthrough === 'required' && rest === undefined) {
    throw new UsageError(`proxyctl ${name} needs a command to run`, {
      hint: `Write it after --, like: proxyctl ${name} -- npm test`,
    });
  }
  return rest ?? [];
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

function seeHelp(name: string | undefined): string {
  return `See: proxyctl ${name === undefined ? '' : `${name} `}--help`;
}

function capitalize(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}
