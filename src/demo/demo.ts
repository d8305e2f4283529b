import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DemoBackend } from './backend.js';
import { showChaos, type ChaosFacts } from './chaos.js';
import { clientProgram } from './client-program.js';
import { showReplay, type ReplayFacts } from './replay.js';
import { DemoShell, type ShellOptions } from './shell.js';
import { succeeded, type Stage } from './stage.js';

/** What the demo measured and saw; it fails when one of them is not as it claims. */
type DemoFacts = ChaosFacts & ReplayFacts;

interface DemoOptions extends Omit<ShellOptions, 'cwd'> {
  /** An empty folder that the caller removes. */
  folder: string;
  /** How `proxyctl` is started: program and first arguments. */
  proxyctl: readonly string[];
  /** Says something between the commands. */
  say: (text: string) => void;
  /** Says what went wrong behind the scene. */
  warn: (text: string) => void;
}

/** The whole product once through, on a sample backend. Throws when a step does not show what it is there to show. */
export async function runDemo(options: DemoOptions): Promise<DemoFacts> {
  const { folder, say, warn } = options;
  await writeFile(join(folder, 'client.mjs'), clientProgram);
  await using backend = await DemoBackend.start(join(folder, 'company-ca'));
  const shell = new DemoShell({ ...options, cwd: folder }, options.proxyctl);
  const stage: Stage = { shell, backend, folder, say };
  say(
    `A sample backend with TLS runs at ${backend.url}. client.mjs is a plain Node program that asks it for things and\n` +
      `knows of no proxy. All of it lives in ${folder} and goes with the demo.`,
  );
  let stopped = false;
  try {
    const chaos = await showChaos(stage);
    const replay = await showReplay(stage);
    say('\n6. Done.');
    succeeded(await shell.run(['down']), 'down');
    stopped = true;
    return { ...chaos, ...replay };
  } finally {
    if (!stopped) await stopUnseen(shell, warn);
  }
}

const noStackExitCode = 3;

/**
 * Stops the stack if there is one, also after Ctrl-C. What went wrong before is what counts, so this does not throw.
 */
async function stopUnseen(shell: DemoShell, warn: (text: string) => void): Promise<void> {
  try {
    const { exitCode, stderr } = await shell.unseen().run(['down']);
    if (exitCode !== 0 && exitCode !== noStackExitCode) warn(`The demo's stack could not be stopped: ${stderr.trim()}`);
  } catch (error) {
    warn(`The demo's stack could not be stopped: ${String(error)}`);
  }
}
