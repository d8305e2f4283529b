import { randomUUID } from 'node:crypto';
import { execa } from 'execa';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { startFaultyFront } from '../../helpers/faulty-s3-front.js';
import { Origin } from '../../helpers/origin.js';
import { expectNothingRunning } from '../../helpers/processes.js';
import { proxyctl, proxyctlBin, proxyctlEnv } from '../../helpers/proxyctl.js';
import { startS3Server, type S3Server } from '../../helpers/s3-server.js';
import { tempFolder } from '../../helpers/temp-folder.js';
import { untilPrinted } from '../../helpers/until-printed.js';

let server: S3Server;
beforeAll(async () => {
  server = await startS3Server();
  return () => server.close();
});

test('an outage while a recording is published is told on stderr; Ctrl-C leaves it whole on this machine, and push finishes it', async () => {
  const [home, cwd, origin] = [await tempFolder('home'), await tempFolder('cwd'), await Origin.start()];
  onTestFinished(() => origin.close());
  let back = false;
  let away = false;
  const front = await startFaultyFront(server.port, ({ method, socket }) => {
    away ||= method === 'PUT'; // it has answered before that
    if (!away || back) return undefined;
    socket.destroy();
    return { status: 503, code: 'Gone' };
  });
  const place = `${server.place(randomUUID(), front)}&retry-for=1h&retry-delay=10ms`;
  const env = { AWS_MAX_ATTEMPTS: '2' };
  const cmd = ['-e', 'fetch(process.argv[1]).then((answer) => answer.text())', origin.httpUrl('/bytes/1000')];
  const args = [proxyctlBin, 'record', '--test-id', 'shop', '--store', place, '--', process.execPath, ...cmd];
  const recording = execa(process.execPath, args, {
    ...{ cwd, env: proxyctlEnv(home, env), extendEnv: false, reject: false, stdin: 'ignore' },
  });

  const told = await untilPrinted(recording.stderr, (line) => line.includes('has been away'));
  expect(told.at(-1)).toMatch(
    /s3:.* has been away for \d+ s \(the connection broke off .*\); trying for 3600 s in all\. What was recorded is whole on this machine\./,
  );
  recording.kill('SIGINT');
  const { exitCode, stderr } = await recording;
  expect(stderr).toContain('It was not published, and is whole on this machine: proxyctl recordings push');
  expect(exitCode).toBe(130);
  await expectNothingRunning(home);

  back = true;
  const run = (...words: string[]) => proxyctl(['recordings', ...words], { home, cwd, env });
  const listed = async (): Promise<unknown> => JSON.parse((await run('ls', '--store', place, '--json')).stdout);
  expect(await listed()).toMatchObject({
    published: [],
    unpublished: [{ situation: 'finished', testId: 'shop', entries: 1 }],
  });
  expect(await run('push')).toMatchObject({ exitCode: 0 });
  expect(await listed()).toMatchObject({ published: [{ testId: 'shop', entries: 1 }], unpublished: [] });
}, 120_000);

test('a gateway that takes a recording in the place of the store makes record fail, and says how it is pushed', async () => {
  const [home, cwd, origin] = [await tempFolder('home'), await tempFolder('cwd'), await Origin.start()];
  onTestFinished(() => origin.close());
  const front = await startFaultyFront(server.port, ({ method, url = '' }) =>
    method === 'PUT' && url.includes('recording.har')
      ? { status: 200, body: '<html><body>Please sign in</body></html>' }
      : undefined,
  );
  const name = randomUUID();
  const cmd = ['-e', 'fetch(process.argv[1]).then((answer) => answer.text())', origin.httpUrl('/bytes/1000')];
  const run = (...words: string[]) => proxyctl(words, { home, cwd });
  const record = ['record', '--test-id', 'shop', '--store', server.place(name, front), '--', process.execPath, ...cmd];

  const { exitCode, stderr } = await run(...record);
  expect(exitCode, stderr).toBe(11);
  expect(stderr).toMatch(/The store took s3:.*recording\.har.* and has not kept it: it is not there/);
  const [, id = ''] = /proxyctl recordings push (\S+)/.exec(stderr) ?? [];

  const pushed = await run('recordings', 'push', id, '--store', server.place(name));
  expect(pushed.exitCode, pushed.stderr).toBe(0);
  const listed = await run('recordings', 'ls', '--store', server.place(name), '--json');
  expect(JSON.parse(listed.stdout)).toMatchObject({ published: [{ recordingId: id, entries: 1 }], unpublished: [] });
}, 120_000);
