import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { AllVersionsOrigin } from '../../helpers/all-versions-origin.js';
import { answerRoutes, patternedBytes } from '../../helpers/origin.js';
import { mustRun } from '../../helpers/processes.js';
import { clientFixture, pythonEnv, RealInput, type Program } from '../../helpers/real-input.js';

interface Client {
  program: (folder: string) => Promise<Program> | Program;
  /** How often it asks for each of the six things that every client asks for, by protocol: HTTP versions and ports. */
  rounds: Record<string, number>;
  /** What it prints besides. */
  also?: RegExp[];
}

/** Each prints a line for each request: method, path, status, length and SHA-256 of the body. */
const clients: Record<string, Client> = {
  'curl (h1, h2, h2c, by SOCKS 5 as well)': {
    program: () => ({ command: ['sh', clientFixture('curl.sh')] }),
    rounds: { '1.1 https': 1, '2.0 https': 2, '1.1 http': 3, '2.0 h2c': 1 },
    also: [/^PUT \/echo 200 /, /^HEAD \/json 200$/, /^RANGE \/bytes\/200000 200 200000 /],
  },
  'Node’s fetch and node:http2': {
    program: () => ({ command: [process.execPath, clientFixture('node.mjs')] }),
    rounds: { '1.1 https': 1, '2.0 https': 1, '1.1 http': 1, '2.0 h2c': 1 },
  },
  'Python’s requests, httpx, aiohttp and websockets': {
    program: () => ({ command: ['python3', clientFixture('http_clients.py')], env: pythonEnv() }),
    rounds: { '1.1 https': 3, '2.0 https': 1, '1.1 http': 4 },
    also: [/^aiohttp socket 1000$/, /^websockets answer to question 4$/, /^websockets closed 1000$/],
  },
  'Go’s net/http (h2, h1)': {
    program: async (folder) => {
      const program = join(folder, 'go-client');
      await mustRun('go', ['build', '-o', program, '.'], {
        cwd: clientFixture('go'),
        env: { GOFLAGS: '-buildvcs=false' },
      });
      return { command: [program] };
    },
    rounds: { '1.1 https': 1, '2.0 https': 1, '1.1 http': 2 },
  },
  'Java’s HttpClient and HttpURLConnection': {
    program: () => ({ command: ['java', '-XX:TieredStopAtLevel=1', clientFixture('java/Client.java')] }),
    rounds: { '1.1 https': 2, '2.0 https': 1, '1.1 http': 3 },
    also: [/^socket answer to question 3$/, /^socket closed 4002$/],
  },
};

test.each(Object.entries(clients))(
  '%s: the same answers by every version from a backend and, when that is gone, from the recording',
  async (_name, { program: make, rounds, also = [] }) => {
    await using origin = await AllVersionsOrigin.start({
      answer: (request, response) => answerRoutes(request as IncomingMessage, response as ServerResponse),
      connected: (socket) => {
        socket.on('message', (data: Buffer, isBinary) => socket.send(isBinary ? data : `answer to ${data.toString()}`));
      },
    });
    await using input = await RealInput.start('client', ['--upstream-ca', origin.caFile]);
    const program = await make(input.folder);
    const kinds = (['https', 'http', 'h2c'] as const).slice(0, rounds['2.0 h2c'] === undefined ? 2 : 3);
    const command = [...program.command, ...kinds.map((kind) => origin.url(kind, '', 'api.origin.test'))];

    const recorded = await input.record('client', { ...program, command });
    const asked = origin.requests.length;
    await origin.close();
    const replayed = await input.replay('client', { ...program, command });

    expect(replayed.stdout).toBe(recorded.stdout);
    expect(origin.requests).toHaveLength(asked);
    const total = Object.values(rounds).reduce((sum, count) => sum + count, 0);
    const lines = recorded.stdout.split('\n');
    const bytes = createHash('sha256').update(patternedBytes(200_000)).digest('hex');
    expect(lines.filter((line) => line === `GET /bytes/200000 200 200000 ${bytes}`)).toHaveLength(total);
    expect(lines.filter((line) => line.startsWith('GET /status/404 404 0 '))).toHaveLength(total);
    for (const line of also) expect(lines).toContainEqual(expect.stringMatching(line));
    const answered = origin.requests.filter((line) => line.includes('/status/404'));
    const seen = answered.map((line) => line.replace(/^HTTP\/(\S+) GET (\w+):.*/, '$1 $2'));
    expect(
      Object.fromEntries([...new Set(seen)].map((kind) => [kind, seen.filter((one) => one === kind).length])),
    ).toEqual(rounds);
  },
);
