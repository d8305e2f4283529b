import { Argument, Option, type Command as Commander } from 'commander';
import { UsageError } from '../../errors/index.js';
import { checkValues } from './check-values.js';
import { exampleLine, seeHelp, type CommandDeclaration } from './define-command.js';
import { flagShapes, type FlagShape } from './flag-shape.js';
import type { Invocation } from './program.js';

/**
 * Makes a commander command of a declaration. When it is asked for, `found` is told how to check its values, which throws `UsageError`.
 * `rest` is what stood after `--`.
 */
export function declare(
  command: Commander,
  declaration: CommandDeclaration,
  rest: string[] | undefined,
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
