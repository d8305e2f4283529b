import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EchoServer } from '../../helpers/grpc.js';
import { mustRun } from '../../helpers/processes.js';
import { clientFixture, pythonEnv, RealInput, type Program } from '../../helpers/real-input.js';

/** Each prints what became of each of its calls: over TLS first, then as plaintext, both through a CONNECT. */
const clients: Record<string, (folder: string) => Promise<Program> | Program> = {
  grpcio: () => ({ command: ['python3', clientFixture('grpc_client.py')], env: pythonEnv() }),
  'grpc-go': async (folder) => {
    const program = join(folder, 'grpc-client');
    await mustRun('go', ['build', '-o', program, '.'], { cwd: clientFixture('grpc-go'), limitMs: 200_000 });
    return { command: [program] };
  },
};

test.each(Object.entries(clients))(
  '%s makes calls of all kinds, that end well and badly, with a server and, when that is gone, on its recording',
  async (_name, client) => {
    const host = 'grpc.origin.test';
    const secure = await EchoServer.start({ names: [host] });
    const plain = await EchoServer.start({ tls: false });
    await using input = await RealInput.start('grpc');
    const caFile = join(input.folder, 'origin-ca.pem');
    await writeFile(caFile, secure.ca);
    const program = await client(input.folder);
    const command = [...program.command, `${host}:${secure.port}`, `${host}:${plain.port}`];

    const recorded = await input.record('grpc', { ...program, command }, ['--upstream-ca', caFile]);
    secure.cut();
    plain.cut();
    const replayed = await input.replay('grpc', { ...program, command });

    expect(replayed.stdout).toBe(recorded.stdout);
  },
);
