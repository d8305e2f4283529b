import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { StackApi } from '../../api/client.js';
import type { CreateSessionRequest, SessionSummary, SessionView } from '../../api/schemas.js';
import { environment } from '../../config/environment.js';
import { proxyctlHome } from '../../config/paths.js';
import { ProxyctlError } from '../../errors/index.js';
import { applyChanges, environmentChanges } from './command-environment.js';
import type { Output } from './output.js';
import { trustedFiles } from './session-options.js';
import { writeTrustFiles } from '../trust/trust-files.js';

/** A session that is open for the length of a command. */
export interface CommandSession {
  stack: StackApi;
  session: SessionView;
  /** Ends the session (once, however often it is called) and tells what it did. */
  end(): Promise<SessionSummary>;
}

/** Opens a session, and ends it behind `use` however that ends. */
export async function withSession<T>(
  stack: StackApi,
  request: CreateSessionRequest,
  use: (open: CommandSession) => Promise<T>,
): Promise<T> {
  const session = await stack.sessions.create(request);
  let ended: Promise<SessionSummary> | undefined;
  const end = (): Promise<SessionSummary> => (ended ??= stack.sessions.delete(session.id));
  let result: T;
  try {
    result = await use({ stack, session, end });
  } catch (error) {
    await end().catch(() => undefined); // what went wrong first is what counts
    throw error;
  }
  await end().catch(ignoreGone);
  return result;
}

/** Says of a proxy that whoever reaches it can use it. `tell`: where that goes besides. */
export function noteOpenProxy(
  output: Output,
  { access, host, port }: SessionView,
  tell: (warning: string) => void = () => undefined,
): void {
  if (access !== 'open') return;
  const warning = `Warning: the proxy on ${host}:${port} is open: whoever reaches it can use it, without credentials. Leave --open out to have it ask for them.`;
  output.note(warning);
  tell(warning);
}

/** Tells people what went on beside the exchanges. */
export function noteWarnings(output: Output, { warnings, lostProcesses }: SessionSummary): void {
  for (const { message, hint } of warnings) output.note(hint === undefined ? message : `${message}\n${hint}`);
  for (const lost of lostProcesses) output.note(lostProcessText(lost));
}

/** `toxiproxy ended (SIGKILL) at …, and cut connections that no test asked to be cut`. */
export function lostProcessText({ process, how, at }: SessionSummary['lostProcesses'][number]): string {
  return `${process} ended (${how}) at ${at}, and cut connections that no test asked to be cut`;
}

/** For a CMD that succeeded although a process that its connections went through has ended; undefined for others. */
export function lostProcessError({ lostProcesses }: SessionSummary): ProxyctlError | undefined {
  const [first] = lostProcesses;
  if (first === undefined) return undefined;
  return new ProxyctlError('PROXYCTL_CHILD', `The run is not what it seems: ${lostProcessText(first)}`, {
    hint: `Run it once more. proxyctl logs ${first.process} has what happened.`,
    data: { lostProcesses },
  });
}

/** It may have been ended through the API meanwhile, or its stack. */
function ignoreGone(error: unknown): void {
  const gone = ['PROXYCTL_SESSION_NOT_FOUND', 'PROXYCTL_STACK_NOT_RUNNING'];
  if (!(error instanceof ProxyctlError && gone.includes(error.code))) throw error;
}

/** The whole environment of a CMD that uses this session. */
export async function sessionEnvironment(
  open: Pick<CommandSession, 'stack' | 'session'>,
  options: { keepNoProxy?: boolean } = {},
): Promise<Record<string, string>> {
  return applyChanges(environment.all(), await sessionVariables(open, options));
}

/** The variables that a program needs in order to use this session. */
export async function sessionVariables(
  { stack, session }: Pick<CommandSession, 'stack' | 'session'>,
  { keepNoProxy = false }: { keepNoProxy?: boolean } = {},
): Promise<Record<string, string>> {
  const { pem } = await stack.ca();
  const trust = await writeTrustFiles(join(proxyctlHome().cacheDir, 'trust'), pem, trustedFiles());
  return environmentChanges(environment.all(), {
    proxyUrl: session.proxyUrl,
    trust,
    session: session.id,
    stack: stack.address,
    keepNoProxy,
    nodePreload: fileURLToPath(new URL('../../preload/node-env-proxy.cjs', import.meta.url)),
  });
}
