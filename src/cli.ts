import { commandEntries } from './commands/index.js';
import { Interrupts } from './commands/shared/interrupts.js';
import { Output } from './commands/shared/output.js';
import { parseCommandLine } from './commands/shared/program.js';
import { reportError } from './commands/shared/report-error.js';

/**
 * Runs one command line (without `node` and the script) and returns its exit code. Only the command that is asked for
 * is loaded, so that help and small commands start fast.
 */
export async function main(argv: readonly string[]): Promise<number> {
  const { own, rest } = splitAtDashes(helpLast(argv));
  const output = new Output({ json: own.includes('--json') });
  const interrupts = new Interrupts();
  try {
    const word = own.find((token) => !token.startsWith('-'));
    const entry = commandEntries.find((candidate) => candidate.word === word);
    const selected = entry === undefined ? undefined : { entry, declarations: await entry.load() };
    const invocation = await parseCommandLine(own, { entries: commandEntries, selected, rest, output });
    if (typeof invocation === 'number') return invocation;
    const { declaration, ...values } = invocation;
    return (await declaration.run({ ...values, output, interrupts })) ?? 0;
  } catch (error) {
    return reportError(interrupts.interruption ?? error, output);
  } finally {
    interrupts.close();
  }
}

/** What stands after the first `--` is CMD's, whatever it looks like. */
function splitAtDashes(argv: readonly string[]): { own: string[]; rest: string[] | undefined } {
  const at = argv.indexOf('--');
  return at < 0 ? { own: [...argv], rest: undefined } : { own: argv.slice(0, at), rest: argv.slice(at + 1) };
}

/** `help toxic ls` is `toxic ls --help`. */
function helpLast(argv: readonly string[]): readonly string[] {
  return argv[0] === 'help' ? [...argv.slice(1), '--help'] : argv;
}
