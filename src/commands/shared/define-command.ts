import type { z } from 'zod';
import type { Interrupts } from './interrupts.js';
import type { Output } from './output.js';

/** What a command's `run` is handed: its values, checked by its schemas, and where to print. */
export interface CommandContext<Args, Options> {
  args: Args;
  options: Options;
  /** CMD and its arguments: what stood after `--`. Empty where none was given. */
  rest: string[];
  /**
   * The flags as they were given, each one word: `--detach`, `--host=::1`. Given to another command line, they say the
   * same there.
   */
  given: string[];
  output: Output;
  /** Signals that ask proxyctl to end. Listens from its first use on; until then a signal ends the process as usual. */
  interrupts: Interrupts;
}

/** What a command shares with the helpers that do its work: where to print, and the signals that ask it to end. */
export type CommandIo = Pick<CommandContext<unknown, unknown>, 'output' | 'interrupts'>;

/**
 * One command of the command line, declared once: parsing, `--help`, shell completion and the reference page come from
 * it. Flags are derived from `options`: `testId` is `--test-id`, a boolean takes no value (one that defaults to true
 * is `--no-…`), an array may be given several values. `flag-shape.ts` says what `meta` can add.
 */
export interface CommandDeclaration<Args extends z.ZodObject = z.ZodObject, Options extends z.ZodObject = z.ZodObject> {
  /** As typed: `toxic ls`. */
  name: string;
  /** One line, without a full stop. */
  summary: string;
  /** What the summary has no room for; shown by `--help`. */
  description?: string;
  /**
   * Whole command lines without a leading `proxyctl`, each with a word on what it does after two spaces and `#`, if
   * need be.
   */
  examples: readonly string[];
  args: Args;
  options: Options;
  /** Whether it takes a CMD after `--`. */
  passthrough?: 'required' | 'optional';
  /** Returns the exit code; nothing means 0. Throws `ProxyctlError` for what the user can act upon. */
  run(context: CommandContext<z.output<Args>, z.output<Options>>): Promise<number | void>;
}

/** Gives a declaration its types; the schemas are forgotten afterwards, as `cli.ts` checks the values with them. */
export function defineCommand<Args extends z.ZodObject, Options extends z.ZodObject>(
  declaration: CommandDeclaration<Args, Options>,
): CommandDeclaration {
  return declaration;
}

/** An example as one would type it. One that calls proxyctl inside of something else is whole already. */
export function exampleLine(example: string): string {
  return example.includes('proxyctl ') ? example : `proxyctl ${example}`;
}

/** Where more is said of a command, or of all. */
export function seeHelp(name: string | undefined): string {
  return `See: proxyctl ${name === undefined ? '' : `${name} `}--help`;
}
