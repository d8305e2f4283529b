import { ProxyctlError } from '../errors/index.js';
import type { DemoBackend } from './backend.js';
import { responsesIn, type ClientResponse } from './client-program.js';
import type { DemoShell, RunOptions, ShellResult } from './shell.js';

/** What the parts of the demo play with. */
export interface Stage {
  shell: DemoShell;
  backend: DemoBackend;
  /** An empty folder when the demo began; the commands run in it. */
  folder: string;
  /** Says something between the commands. */
  say: (text: string) => void;
}

/** The command line of the client, without `node`. */
export function clientCommand({ backend }: Stage, paths: readonly string[]): string[] {
  return ['client.mjs', backend.url, ...paths];
}

/** Asks for one path, without anything between client and backend unless `options` say so. */
export async function ask(stage: Stage, path: string, options: RunOptions = {}): Promise<ClientResponse> {
  const [answer] = answersOf(await stage.shell.node(clientCommand(stage, [path]), options));
  if (answer === undefined) throw failed('the client got no answer');
  return answer;
}

export function answersOf(result: ShellResult): ClientResponse[] {
  const answers = responsesIn(result.stdout);
  if (answers === undefined) throw failed(`the client said nothing: ${result.stderr.trim()}`);
  return answers;
}

export function succeeded(result: ShellResult, what: string): ShellResult {
  check(result.exitCode === 0, `${what} ended with ${result.exitCode}: ${result.stderr.trim()}`);
  return result;
}

/** Throws `PROXYCTL_CHILD` when what the demo claims does not hold. */
export function check(holds: boolean, otherwise: string): void {
  if (!holds) throw failed(otherwise);
}

function failed(what: string): ProxyctlError {
  return new ProxyctlError('PROXYCTL_CHILD', `The demo did not show what it should: ${what}`, {
    hint: 'proxyctl doctor checks this machine.',
  });
}
