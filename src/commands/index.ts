import type { CommandDeclaration } from './shared/define-command.js';

/** A first word of the command line, with what help says of it before its declarations are loaded. */
export interface CommandEntry {
  word: string;
  /** Of a single command the same as its declaration says. */
  summary: string;
  /** Under which heading help shows it. */
  heading: 'Stack' | 'Tests' | 'Network' | 'Recordings' | 'Setup';
  /** The commands that begin with this word: one of that name, or a group. */
  load: () => Promise<readonly CommandDeclaration[]>;
}

/** Every command, in the order help shows them in. Loaded only when asked for: they bring their schemas with them. */
export const commandEntries: readonly CommandEntry[] = [
  {
    word: 'up',
    summary: 'Start a stack and keep it running',
    heading: 'Stack',
    load: async () => [(await import('./up.js')).up],
  },
  {
    word: 'down',
    summary: 'Stop the running stack',
    heading: 'Stack',
    load: async () => [(await import('./down.js')).down],
  },
  {
    word: 'status',
    summary: 'Show the running stack and its sessions',
    heading: 'Stack',
    load: async () => [(await import('./status.js')).status],
  },
  {
    word: 'logs',
    summary: 'Show what the stack and its children say',
    heading: 'Stack',
    load: async () => [(await import('./logs.js')).logs],
  },
  {
    word: 'session',
    summary: 'The sessions of the running stack',
    heading: 'Stack',
    load: async () => (await import('./session/index.js')).sessionCommands,
  },
  {
    word: 'exec',
    summary: 'Run a command behind the proxy, live',
    heading: 'Tests',
    load: async () => [(await import('./exec.js')).exec],
  },
  {
    word: 'record',
    summary: 'Run a command live and publish the recording of its traffic',
    heading: 'Tests',
    load: async () => [(await import('./record.js')).record],
  },
  {
    word: 'replay',
    summary: 'Run a command on a recording, with no backend',
    heading: 'Tests',
    load: async () => [(await import('./replay.js')).replay],
  },
  {
    word: 'run',
    summary: 'Replay a test; if that fails, run it live and record it anew',
    heading: 'Tests',
    load: async () => [(await import('./run.js')).run],
  },
  {
    word: 'toxic',
    summary: 'Make the network of a session bad: latency, bandwidth, cut connections',
    heading: 'Network',
    load: async () => (await import('./toxic/index.js')).toxicCommands,
  },
  {
    word: 'link',
    summary: 'Give a session one access link that all its connections share: 3g, dsl, or your own values',
    heading: 'Network',
    load: async () => (await import('./link/index.js')).linkCommands,
  },
  {
    word: 'mock',
    summary: 'Answer requests of a session in the backend’s place, or change its answers',
    heading: 'Tests',
    load: async () => (await import('./mock/index.js')).mockCommands,
  },
  {
    word: 'redirect',
    summary: 'Send requests of a session to another host than they ask for',
    heading: 'Tests',
    load: async () => (await import('./redirect/index.js')).redirectCommands,
  },
  {
    word: 'intercept',
    summary: 'Choose the hosts whose TLS a session opens; the others pass through untouched',
    heading: 'Tests',
    load: async () => (await import('./intercept/index.js')).interceptCommands,
  },
  {
    word: 'expect',
    summary: 'Wait until a request of a session has been made, or tell what came nearest',
    heading: 'Tests',
    load: async () => [(await import('./expect.js')).expect],
  },
  {
    word: 'events',
    summary: 'Print what happens in sessions, as it happens',
    heading: 'Tests',
    load: async () => [(await import('./events.js')).events],
  },
  {
    word: 'har',
    summary: 'Print what a session has seen, as HAR',
    heading: 'Tests',
    load: async () => [(await import('./har.js')).har],
  },
  {
    word: 'recordings',
    summary: 'The recordings in the store, and those only on this machine',
    heading: 'Recordings',
    load: async () => (await import('./recordings/index.js')).recordingsCommands,
  },
  {
    word: 'ca',
    summary: 'The certificate authority that clients must trust',
    heading: 'Setup',
    load: async () => (await import('./ca/index.js')).caCommands,
  },
  {
    word: 'doctor',
    summary: 'Check this machine and say what to do',
    heading: 'Setup',
    load: async () => [(await import('./doctor.js')).doctor],
  },
  {
    word: 'demo',
    summary: 'A guided tour: bad network, record, backend off, replay',
    heading: 'Setup',
    load: async () => [(await import('./demo.js')).demo],
  },
  {
    word: 'completion',
    summary: 'Print a completion script for a shell',
    heading: 'Setup',
    load: async () => [(await import('./completion.js')).completion],
  },
];
