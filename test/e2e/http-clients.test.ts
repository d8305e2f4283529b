import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { Origin, patternedBytes } from '../helpers/origin.js';
import { mustRun } from '../helpers/processes.js';
import { pythonEnv, RealInput, type Program } from '../helpers/real-input.js';

const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/clients/${name}`, import.meta.url));

/** Each prints a line for each request: method, path, status, length and SHA-256 of the body. */
const clients: Record<string, (folder: string) => Promise<Program> | Program> = {
  curl: () => ({ command: ['sh', fixture('curl.sh')] }),
  'Node’s fetch': () => ({ command: [process.execPath, fixture('fetch.mjs')] }),
  'Python’s requests': () => ({ command: ['python3', fixture('requests_client.py')], env: pythonEnv() }),
  'Go’s net/http': async (folder) => {
    const program = join(folder, 'go-client');
    await mustRun('go', ['build', '-o', program, '.'], { cwd: fixture('go'), env: { GOFLAGS: '-buildvcs=false' } });
    return { command: [program] };
  },
};

test.each(Object.entries(clients))(
  '%s gets the same answers by HTTP and HTTPS from a backend and, when that is gone, from its recording',
  async (_name, client) => {
    await using origin = await Origin.start();
    await using input = await RealInput.start('client', ['--upstream-ca', origin.caFile]);
    // Not `localhost`: Go, and others with a list of exceptions, would not use a proxy for it.
    const bases = [origin.httpUrl('', 'api.origin.test'), origin.httpsUrl('', 'api.origin.test')];
    const program = await client(input.folder);
    const command = [...program.command, ...bases];

    const recorded = await input.record('client', { ...program, command });
    const asked = origin.requests.length;
    await origin.close();
    const replayed = await input.replay('client', { ...program, command });

    expect(replayed.stdout).toBe(recorded.stdout);
    expect(origin.requests).toHaveLength(asked);
    const lines = recorded.stdout.split('\n');
    expect(lines).toHaveLength(12);
    const bytes = createHash('sha256').update(patternedBytes(200_000)).digest('hex');
    expect(lines.filter((line) => line === `GET /bytes/200000 200 200000 ${bytes}`)).toHaveLength(2);
    expect(lines.filter((line) => line.startsWith('GET /status/404 404 0 '))).toHaveLength(2);
    // Six requests and one that follows the redirect, by each scheme.
    expect(origin.requests.map(({ tls }) => tls)).toEqual([
      ...Array<boolean>(7).fill(false),
      ...Array<boolean>(7).fill(true),
    ]);
  },
);
