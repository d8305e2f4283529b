import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { execa } from 'execa';
import { networkConditions } from '../../../supervisor/network-conditions.js';
import { resolveLink, type Link } from '../../../src/network/link.js';
import { freePort } from '../../../supervisor/free-port.js';
import { root, workFolder } from '../../paths.js';
import { summarize } from '../statistics.js';
import type { BenchStack } from './bench-session.js';
import { withinShare, type Row } from './row.js';

/** Without chance: what they have of loss and jitter is left out. */
const profiles = ['wpt:3g', 'wpt:3g-fast', 'wpt:dsl', 'wpt:cable', 'devtools:slow-4g', 'apple:dsl'];
const limitMs = 120_000;
const pageClient = fileURLToPath(new URL('page-client.js', import.meta.url));

/**
 * The time to load a page on a profile's link, against the same link with kernel TCP between two network namespaces.
 */
export async function pageRows(stack: BenchStack, say: (line: string) => void): Promise<Row[]> {
  const emulator = await buildEmulator();
  const rows: Row[] = [];
  const links = profiles.map((name) => ({ name, link: resolveLink({ profile: name, seed: 1 }) }));
  // They are slow: all at once take as long as one, and little of the machine.
  const kernel = await Promise.all(links.map(({ link }) => overKernel(emulator, link)));
  const sessions = await Promise.all(profiles.map((name) => overSession(emulator, stack, name)));
  for (const [index, name] of profiles.entries()) {
    const [wanted, measured] = [summarize(kernel[index] ?? []).mean, summarize(sessions[index] ?? []).mean];
    rows.push({ group: 'page', name, unit: 'ms', wanted, measured, ...withinShare(measured, wanted, 0.1) });
    say(`page on ${name}: ${measured.toFixed(0)} ms, kernel TCP ${wanted.toFixed(0)} ms`);
  }
  return rows;
}

/** Throws what is missing: Linux, root, Go. */
async function buildEmulator(): Promise<string> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || !existsSync('/dev/net/tun'))
    throw new Error(
      'Pages are compared over a link between two network namespaces: that takes Linux, root and /dev/net/tun',
    );
  const file = join(workFolder, 'bin', 'link');
  const cwd = join(root, 'bench', 'network', 'link');
  await execa('go', ['build', '-o', file, '.'], { cwd, env: { GOFLAGS: '-buildvcs=false', GOWORK: 'off' } });
  return file;
}

/** With the rates and queues that the model has for the link. */
async function overKernel(emulator: string, link: Link): Promise<number[]> {
  const conditions = networkConditions([], link);
  const rate = (direction: 'up' | 'down'): string => String((conditions?.[direction].rate?.bytesPerMs ?? 0) * 8);
  const queue = (direction: 'up' | 'down'): string => String(conditions?.[direction].rate?.queuePackets ?? 1000);
  const options = ['-down', rate('down'), '-up', rate('up'), '-rtt', String(link.rtt ?? 0)];
  const queues = ['-queue-down', queue('down'), '-queue-up', queue('up')];
  const server = [emulator, 'serve', '10.77.0.2:8080'];
  const client = [process.execPath, pageClient, 'http://10.77.0.2:8080'];
  const { stdout } = await execa(emulator, [...options, ...queues, '--', ...server, '--', ...client], {
    timeout: limitMs,
  });
  return JSON.parse(stdout) as number[];
}

async function overSession(emulator: string, stack: BenchStack, profile: string): Promise<number[]> {
  const port = await freePort();
  const server = spawn(emulator, ['serve', `127.0.0.1:${port}`], { stdio: 'inherit' });
  try {
    await delay(1000);
    return await stack.inSession(async (session) => {
      await stack.api.link.set(session.id, { profile, seed: 1 });
      const args = [pageClient, `http://127.0.0.1:${port}`, `127.0.0.1:${session.port}`];
      const { stdout } = await execa(process.execPath, args, { timeout: limitMs });
      return JSON.parse(stdout) as number[];
    });
  } finally {
    server.kill();
  }
}
