import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { formatLogEntry, type LogEntry } from '../core/logger.js';
import { millisecondsWithin } from '../core/quantities.js';
import { ResourceScope } from '../core/resource-scope.js';
import { ProxyctlError } from '../errors/index.js';
import type { ProvisionProgress } from '../../supervisor/toxiproxy/provision/index.js';
import type { Stack, StackOptions } from '../../supervisor/stack.js';
import type { FlagValues } from '../protocol/session-options/index.js';
import { parseToxiproxyConfig } from '../toxics/toxiproxy-config.js';
import { canShowLiveView, showLiveView } from '../tui/index.js';
import { defineCommand } from './shared/define-command.js';
import { configuredProfiles } from './link/configured-profiles.js';
import { readText } from './link/read-trace.js';
import { detach } from './shared/detach.js';
import type { Interrupts } from './shared/interrupts.js';
import type { Output } from './shared/output.js';
import { progressNotes } from './shared/progress-notes.js';
import { isDetached, ReadyFile, tellParent, tellParentOfFailure, type ReadyStack } from './shared/ready-file.js';
import { exportLines } from './shared/export-lines.js';
import { requestFrom, sessionFlags } from './shared/session-flags.js';
import { storeUrl } from './shared/session-options.js';
import { fields } from './shared/table.js';
import { text, port, wholeNumber } from './shared/values.js';
import { whileStarting } from './shared/with-stack.js';
import { noteOpenProxy, sessionVariables } from './shared/with-session.js';

const usualApiPort = 4600;

/** As browsers send it: scheme, host, and port where it is not the scheme's own. */
const origin = text.refine((given) => URL.canParse(given) && new URL(given).origin === given, {
  error: ({ input }) => `"${String(input)}" is no origin such as https://dashboard.example or http://localhost:5173`,
});

// Its address is the stack's, and its port never had another name here: `--port` was the control API's.
const { host: _host, proxyPort: _proxyPort, ...otherFlags } = sessionFlags('up');

/** Flags of the session “default”. */
const defaultSessionFlags = {
  proxyPort: port
    .optional()
    .meta({ description: 'Port of the proxy of the session “default”', placeholder: 'n', defaultText: 'any free one' }),
  ...otherFlags,
};

export const up = defineCommand({
  name: 'up',
  summary: 'Start a stack and keep it running',
  description:
    'Stays in the foreground until Ctrl-C, with a live view on a terminal; --detach starts it in the background. It opens a session “default”, and other commands find it by themselves.',
  examples: ['up', 'up --detach', 'up --detach --ready-file ready.json', 'eval "$(proxyctl up --detach --print-env)"'],
  args: z.object({}),
  options: z.object({
    detach: z
      .boolean()
      .default(false)
      .meta({ description: 'Run in the background; returns once it is ready', short: 'd' }),
    readyFile: text
      .optional()
      .meta({ description: 'Write where it is, as JSON, to this file once it is ready', placeholder: 'file' }),
    printEnv: z
      .boolean()
      .default(false)
      .meta({ description: 'Print the variables that clients of the session “default” need, as shell exports' }),
    apiPort: port.optional().meta({
      description: 'Port of the control API',
      defaultText: `${usualApiPort}, or any free one`,
      placeholder: 'n',
      formerNames: ['port'],
    }),
    apiOrigin: z.array(origin).default([]).meta({
      description: 'Web pages of this origin may use the control API (CORS), with the token',
      placeholder: 'origin',
    }),
    host: text.default('127.0.0.1').meta({ description: 'Address to listen on', placeholder: 'addr' }),
    workers: wholeNumber(1, 256, 'n').default(availableParallelism()).meta({
      description: 'Spread the sessions over up to so many MITM processes, started as sessions come',
      defaultText: 'the number of cores',
    }),
    silenceLimit: millisecondsWithin({ min: 1000, whole: true }).default(30_000).meta({
      description: 'Start a MITM process again, with its sessions, that has not answered for this time',
      defaultText: '30s',
      placeholder: 'time',
    }),
    toxiproxy: text.optional().meta({ description: 'Toxiproxy server program to use', placeholder: 'file' }),
    toxiproxyPort: port.default(0).meta({
      description: 'Port of Toxiproxy’s own API, for programs that speak to it; its usual one is 8474',
      defaultText: 'any free one',
      placeholder: 'n',
    }),
    toxiproxyConfig: text.optional().meta({
      description: 'Run the proxies of this toxiproxy.json beside the sessions',
      placeholder: 'file',
    }),
    ui: z.boolean().default(true).meta({ description: 'Print plain log lines instead of the live view' }),
    ...defaultSessionFlags,
  }),
  async run({ options, given, output, interrupts }) {
    if (options.detach) return detach({ given, printEnv: options.printEnv }, { output, interrupts });
    const live = options.ui && !options.printEnv && !output.json && canShowLiveView(process.stdout, process.stdin);
    // The view has the terminal to itself; `proxyctl logs` has what is logged meanwhile.
    let showing = false;
    const onLog = (entry: LogEntry): void => {
      if (!showing) output.note(formatLogEntry(entry));
    };
    await using scope = new ResourceScope();
    const { stack, ready } = await startAndSay(scope, options, { output, interrupts, onLog }).catch(
      (error: unknown) => {
        tellParentOfFailure(error);
        throw error;
      },
    );
    if (options.printEnv) output.raw(exportLines(ready.env));
    else if (!live) output.line(ready, readyText);
    showing = live || isDetached(); // in the background nobody reads it: its lines are in the log folder, each once
    await (live ? watch(stack, interrupts) : ended(stack, interrupts));
    showing = false;
  },
});

/** Starts the stack and lets scripts and a parent know where it is. */
async function startAndSay(
  scope: ResourceScope,
  options: StartOptions & { readyFile?: string },
  surroundings: Parameters<typeof start>[1],
): Promise<{ stack: Stack; ready: ReadyStack }> {
  const stack = scope.use(await start(options, surroundings));
  const ready = await readyStack(stack, surroundings.output);
  scope.use(await ReadyFile.write(options.readyFile, ready));
  tellParent({ ready });
  return { stack, ready };
}

interface StartOptions extends FlagValues {
  apiPort?: number;
  apiOrigin: string[];
  host: string;
  workers: number;
  silenceLimit: number;
  toxiproxy?: string;
  toxiproxyPort: number;
  toxiproxyConfig?: string;
}

async function start(
  options: StartOptions,
  { output, interrupts, onLog }: { output: Output; interrupts: Interrupts; onLog: (entry: LogEntry) => void },
): Promise<Stack> {
  const { apiPort, apiOrigin: apiOrigins, host, workers, silenceLimit, ...ofToxiproxy } = options;
  const { toxiproxy, toxiproxyPort, toxiproxyConfig } = ofToxiproxy;
  const defaultSession = await requestFrom('up', options);
  const proxies =
    toxiproxyConfig === undefined
      ? []
      : parseToxiproxyConfig(await readText('--toxiproxy-config', toxiproxyConfig), toxiproxyConfig);
  const { Stack } = await import('../../supervisor/stack.js');
  const { report } = progressNotes(output);
  const progress = (step: ProvisionProgress): void => {
    report(step);
    tellParent({ note: step.message });
  };
  const attempt = (wanted: number): Promise<Stack> =>
    whileStarting(interrupts, (signal) => {
      const stackOptions: StackOptions = {
        register: true,
        apiPort: wanted,
        apiOrigins,
        host,
        workers,
        liveness: { giveUpMs: silenceLimit },
        defaultSession,
        profiles: configuredProfiles(),
        store: storeUrl(undefined),
        toxiproxyPort,
        proxies,
        onLog,
        onProgress: progress,
        signal,
        ...(toxiproxy === undefined ? {} : { toxiproxy }),
      };
      return Stack.start(stackOptions);
    });
  if (apiPort !== undefined) return attempt(apiPort);
  try {
    return await attempt(usualApiPort);
  } catch (error) {
    // Nobody asked for the usual port, so a stack of another home may have it.
    if (error instanceof ProxyctlError && error.code === 'PROXYCTL_PORT_IN_USE') return attempt(0);
    throw error;
  }
}

async function readyStack(stack: Stack, output: Output): Promise<ReadyStack> {
  const { api } = stack;
  const session = await api.sessions.get('default');
  noteOpenProxy(output, session, (note) => tellParent({ note }));
  const { path } = await api.ca();
  const env = await sessionVariables({ stack: api, session });
  return { pid: process.pid, ...api.address, proxyUrl: session.proxyUrl, session: session.id, ca: path, env };
}

function readyText({ url, proxyUrl, ca }: ReadyStack): string {
  const lines = fields([
    ['api', url],
    ['proxy', `${proxyUrl} (session default)`],
    ['CA', ca],
  ]);
  return `The stack is ready.\n${lines}\nRun a program behind it: proxyctl exec -- <command>`;
}

/** Shows the live view until the user leaves it, which stops the stack, or something else does. */
async function watch(stack: Stack, interrupts: Interrupts): Promise<void> {
  const stop = new AbortController();
  void ended(stack, interrupts).then(() => stop.abort());
  const { stdout, stdin } = process;
  await showLiveView({ stack: stack.api, stdout, stdin, onQuit: () => undefined, signal: stop.signal });
}

async function ended(stack: Stack, interrupts: Interrupts): Promise<void> {
  await Promise.race([stack.shutdownRequested, interrupts.wait()]);
}
