import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import type { OpenSession } from '../../src/api/stack-api.js';
import type { SessionEvent } from '../../src/protocol/session-event.js';
import { untilPrinted } from './until-printed.js';

/** A service of a scenario, in a process of its own. */
export interface Service extends AsyncDisposable {
  /** The port that it printed. */
  port: number;
  stop(): Promise<void>;
}

/** Starts a program that prints its port as its first line. It knows of no proxy but the one in `env`. */
export async function startService(
  command: readonly string[],
  env: NodeJS.ProcessEnv,
  cwd: string = import.meta.dirname,
): Promise<Service> {
  const [program = '', ...args] = command;
  const own = Object.entries(process.env).filter(([name]) => !/^(https?|all|no)_proxy$/i.test(name));
  const child = execa(program, args, {
    ...{ cwd, env: { ...Object.fromEntries(own), ...env }, extendEnv: false, stdin: 'ignore', reject: false },
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await child;
  };
  try {
    const lines = await untilPrinted(child.stdout, (line) => /^\d+$/.test(line));
    return { port: Number(lines.at(-1)), stop, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw new Error(`${command.join(' ')} did not start:\n${said}`, { cause: error });
  }
}

/**
 * Reads events while this is done, and resolves with the first of the type that fits. It is done again until one has
 * come, as nobody tells when the reading has begun.
 */
export async function eventOf<T extends SessionEvent['type']>(
  session: OpenSession,
  type: T,
  act: () => Promise<unknown>,
  fits: (event: Extract<SessionEvent, { type: T }>) => boolean = () => true,
): Promise<Extract<SessionEvent, { type: T }>> {
  const stop = AbortSignal.timeout(20_000);
  let found: Extract<SessionEvent, { type: T }> | undefined;
  const reading = (async () => {
    for await (const event of session.events({ types: [type], signal: stop })) {
      const candidate = event as Extract<SessionEvent, { type: T }>;
      if (event.type !== type || !fits(candidate)) continue;
      found = candidate;
      return;
    }
  })();
  while (found === undefined && !stop.aborted) {
    await act();
    await Promise.race([reading, delay(200)]);
  }
  await reading;
  if (found === undefined) throw new Error(`No such ${type} event came within 20 s`);
  return found;
}
