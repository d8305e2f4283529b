import { Argument, Option, type Command as Commander } from 'commander';
import { UsageError } from '../../errors/index.js';
import { checkValues } from './check-values.js';
import { exampleLine, seeHelp, type CommandDeclaration } from './define-command.js';
import { flagShapes, type FlagShape } from './flag-shape.js';
import type { Invocation } from './program.js';

interface DeclareOptions {
  /** What stood after `--`. */
  rest: string[] | undefined;
  /** Told, when the command is asked for, how to check its values, which throws `UsageError`. */
  found: (invocation: () => Invocation) => void;
  /** Told what the user should know although the command runs. */
  warn: (line: string) => void;
}

/** Makes a commander command of a declaration. */
export function declare(
  command: Commander,
  declaration: CommandDeclaration,
  { rest, found, warn }: DeclareOptions,
): void {
  const args = flagShapes(declaration.args);
  const flags = flagShapes(declaration.options).map((shape) => new Flag(shape, args.length > 0));
  command
    .summary(declaration.summary)
    .description([`${declaration.summary}.`, declaration.description].filter(Boolean).join('\n\n'))
    .usage(usageOf(declaration, args))
    .addHelpText('after', examplesText(declaration.examples));
  for (const shape of args) command.addArgument(toArgument(shape));
  for (const option of flags.flatMap(({ options }) => options)) command.addOption(option);
  command.action(() =>
    found(() => {
      const operands = command.processedArgs as unknown[];
      const values = new Map(flags.map((flag) => [flag.shape, flag.valueIn(command.opts(), warn)]));
      return {
        declaration,
        rest: checkRest(declaration, rest),
        given: [...values].flatMap(([shape, value]) => wordsOf(shape, value)),
        args: checkValues(
          declaration.args,
          Object.fromEntries(args.map(({ key }, index) => [key, operands[index]])),
          args,
          ({ placeholder }) => placeholder,
        ),
        options: checkValues(
          declaration.options,
          Object.fromEntries([...values].map(([{ key }, value]) => [key, value])),
          [...values.keys()],
          ({ flag }) => flag,
        ),
      };
    }),
  );
}

/** One flag as commander knows it: its option, and hidden ones for the names that it had before. */
class Flag {
  readonly #option: Option;
  readonly #former: readonly Option[];

  constructor(
    readonly shape: FlagShape,
    hasArguments: boolean,
  ) {
    this.#option = toOption(shape, hasArguments);
    this.#former = shape.formerFlags.map((flag) => toOption({ ...shape, flag }, hasArguments).hideHelp());
  }

  get options(): readonly Option[] {
    return [this.#option, ...this.#former];
  }

  /** What was given for it, by whichever name. Throws `UsageError` where it was given by two. */
  valueIn(given: Record<string, unknown>, warn: (line: string) => void): unknown {
    const { flag } = this.shape;
    let value = valueOf(this.shape, given[this.#option.attributeName()]);
    for (const option of this.#former) {
      const byFormerName = valueOf(this.shape, given[option.attributeName()]);
      if (byFormerName === undefined) continue;
      if (value !== undefined)
        throw new UsageError(`${option.long} is the former name of ${flag}, which is given too`, {
          hint: `Give ${flag} alone.`,
        });
      warn(`${option.long} is called ${flag} now; the former name still works, and will go.`);
      value = byFormerName;
    }
    return value;
  }
}

/** A flag as words of a command line that give it this value. */
function wordsOf({ flag, kind }: FlagShape, value: unknown): string[] {
  if (value === undefined) return [];
  if (kind === 'boolean') return value === !flag.startsWith('--no-') ? [flag] : [];
  return [value as string | string[]].flat().map((each) => `${flag}=${each}`);
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
