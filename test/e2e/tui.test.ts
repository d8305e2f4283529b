import { request as httpRequest, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { proxyctlHome } from '../../src/config/paths.js';
import { connectStack, type StackApi } from '../../src/api/client.js';
import { readStackState } from '../../supervisor/state-file.js';
import { Origin } from '../helpers/origin.js';
import { eventually, expectNothingRunning } from '../helpers/processes.js';
import { proxyctlBin, proxyctlEnv } from '../helpers/proxyctl.js';
import { makeTempFolder } from '../helpers/temp-folder.js';
import { TestTerminal } from '../helpers/terminal.js';

let origin: Origin;
beforeAll(async () => {
  origin = await Origin.start();
});
afterAll(() => origin.close());

/** `proxyctl up` in a terminal, once its view is there. */
class LiveUp implements AsyncDisposable {
  private constructor(
    readonly terminal: TestTerminal,
    readonly api: StackApi,
    readonly home: string,
    private readonly removeHome: () => Promise<void>,
  ) {}

  static async start(columns: number, rows: number, env: Record<string, string> = {}): Promise<LiveUp> {
    const { path, remove } = await makeTempFolder('live');
    const { PROXYCTL_TOXIPROXY = '', NODE_OPTIONS = '' } = proxyctlEnv(path);
    const variables = { PROXYCTL_HOME: path, PROXYCTL_TOXIPROXY, NODE_OPTIONS, ...env };
    const terminal = await TestTerminal.open(columns, rows, variables);
    await terminal.type(`echo before; ${process.execPath} ${proxyctlBin} up --api-port 0; echo code=$?`);
    await terminal.press('Enter');
    await terminal.shows(/● mitm .*ready/);
    const state = await readStackState(proxyctlHome(path).stateFile);
    if (state?.url === undefined || state.token === undefined) throw new Error('The stack has no state file');
    return new LiveUp(terminal, connectStack({ url: state.url, token: state.token }), path, remove);
  }

  /** One request by HTTP through the default session's proxy. Returns the status and how long it took. */
  async get(path: string): Promise<{ status: number; ms: number }> {
    const { port } = await this.api.sessions.get('default');
    const begun = performance.now();
    const request = httpRequest({
      port,
      host: '127.0.0.1',
      path: origin.httpUrl(path),
      headers: { connection: 'close' },
    });
    request.end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    response.resume();
    await once(response, 'end');
    return { status: response.statusCode ?? 0, ms: performance.now() - begun };
  }

  toxics(): Promise<string[]> {
    return this.api.toxics.list('default').then((toxics) => toxics.map(({ name }) => name));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.api.shutdown().catch(() => undefined); // it has been stopped already
    await this.terminal.shows('code=').finally(() => this.terminal.close());
    await expectNothingRunning(this.home, 15_000);
    await this.removeHome();
  }
}

test('at 80×24, up shows its children, its session and each exchange as it happens', async () => {
  await using up = await LiveUp.start(80, 24);
  await up.get('/json');
  await up.get('/status/404');
  const lines = await up.terminal.shows(/GET +404 .*\/status\/404/);
  expect(lines[0]).toMatch(/^ proxyctl \d.* ● ready {2}http:\/\/127\.0\.0\.1:\d+/);
  expect(lines[1]).toMatch(/● toxiproxy 2\.\d+\.\d+ ready pid \d+ {3}● mitm (×\d+ )?ready( pid [\d ]+)?/);
  expect(lines[3]).toMatch(/^❯ default +live +\d+/);
  expect(lines.find((line) => line.includes('/json'))).toMatch(/^GET +200 +127\.0\.0\.1:\d+ +\/json .* backend$/);
  expect(lines[23]).toMatch(/^ q quit .* \? help$/);
});

test('a key adds a latency that the next request feels, and keys remove it', async () => {
  await using up = await LiveUp.start(80, 24);
  await up.terminal.press('l');
  await up.terminal.shows('Add to default: latency 300ms');
  await up.terminal.press('C-u');
  await up.terminal.type('400ms --stream both');
  await up.terminal.press('Enter');
  await up.terminal.shows(/❯ default .* latency 400ms ↕/);
  expect((await up.get('/json')).ms).toBeGreaterThanOrEqual(800);
  await up.terminal.press('x');
  await up.terminal.press('Enter');
  await up.terminal.shows(/❯ default .* latency 400ms [↑↓]$/);
  await up.terminal.press('r');
  await up.terminal.shows('✓ Removed 1 from default');
  expect(await up.toxics()).toEqual([]);
});

test('what the stack refuses is explained on the screen, and can be made right', async () => {
  await using up = await LiveUp.start(100, 30);
  await up.terminal.type('l');
  await up.terminal.press('C-u');
  await up.terminal.type('5');
  await up.terminal.press('Enter');
  await up.terminal.shows('"5" has no unit. Write 5ms or 5s');
  await up.terminal.type('0ms');
  await up.terminal.press('Enter');
  await up.terminal.shows('✓ Added latency 50ms ↓ to default');
});

test('d takes the proxy down and up again', async () => {
  await using up = await LiveUp.start(80, 24);
  await up.terminal.press('d');
  await up.terminal.shows(/❯ default .* DOWN/);
  await expect(up.get('/json')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  await up.terminal.press('d');
  await up.terminal.shows('✓ Removed down from default');
  expect((await up.get('/json')).status).toBe(200);
});

test('a failure stands out with its reason', async () => {
  await using up = await LiveUp.start(200, 50);
  const { port } = await up.api.sessions.get('default');
  const request = httpRequest({
    port,
    host: '127.0.0.1',
    path: 'http://127.0.0.1:1/',
    headers: { connection: 'close' },
  });
  request.end();
  await once(request, 'response');
  const lines = await up.terminal.shows(/GET +FAIL/);
  expect(lines.find((line) => /GET +FAIL/.test(line))).toMatch(
    /127\.0\.0\.1:1 .*refused: 127\.0\.0\.1:1 refused the connection/,
  );
});

test('the screen is drawn right after each change of its size', async () => {
  await using up = await LiveUp.start(80, 24);
  await up.get('/json');
  for (const [columns, rows] of [
    [200, 50],
    [60, 15],
    [120, 40],
    [40, 10],
    [80, 24],
  ] as const) {
    await up.terminal.resize(columns, rows);
    const whole = (lines: string[]): boolean =>
      lines.length === rows &&
      lines[0]?.startsWith(' proxyctl') === true &&
      lines[rows - 1]?.startsWith(' q quit') === true &&
      lines.filter((line) => line.includes('q quit')).length === 1 &&
      lines.filter((line) => line.startsWith('❯')).length === 1;
    // A terminal may be read when it has drawn a half of what was written: what counts is what it comes to.
    expect(await eventually(() => up.terminal.lines(), whole, 10_000)).toSatisfy(whole);
  }
});

test('hundreds of exchanges a second leave the screen whole and no trace in the scrollback', async () => {
  await using up = await LiveUp.start(80, 24);
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (let index = 0; index < 50; index += 1) await up.get(`/status/200?${encodeURIComponent('漢字').repeat(40)}`);
    }),
  );
  const lines = await up.terminal.shows(/❯ default +live +\d+ +400/);
  expect(lines).toHaveLength(24);
  expect(lines[23]).toMatch(/^ q quit/);
  await up.terminal.press('q');
  await up.terminal.shows('code=0');
  expect((await up.terminal.history()).split('\n').length).toBeLessThan(40);
});

test.each(['q', 'C-c'])('%s stops the stack and gives the terminal back', async (key) => {
  await using up = await LiveUp.start(80, 24);
  expect(await up.terminal.isFullScreen()).toBe(true);
  await up.terminal.press(key);
  const lines = await up.terminal.shows('code=0');
  expect(lines.join('\n')).toContain('before');
  expect(await up.terminal.isFullScreen()).toBe(false);
  expect(await up.terminal.cursorShown()).toBe(true);
  // Typed text is echoed: the terminal is in its usual mode again.
  await up.terminal.type('echo typed-$((40 + 2))');
  await up.terminal.shows('echo typed-$((40 + 2))');
  await up.terminal.press('Enter');
  await up.terminal.shows('typed-42');
});

test('quitting asks first while a session records', async () => {
  await using up = await LiveUp.start(80, 24);
  await up.api.sessions.create({ mode: 'record', testId: 'checkout', store: up.home + '/store' });
  await up.terminal.shows(/ record +\d+/);
  await up.terminal.press('q');
  await up.terminal.shows('1 session is recording. Stop the stack?');
  await up.terminal.press('n');
  await up.terminal.shows('q quit');
  await up.terminal.press('q');
  await up.terminal.press('y');
  await up.terminal.shows('code=0');
});

test('another program that stops the stack ends the view too', async () => {
  await using up = await LiveUp.start(80, 24);
  await up.api.shutdown();
  await up.terminal.shows('code=0');
  expect(await up.terminal.isFullScreen()).toBe(false);
});

test('a child that is killed is seen to restart, and the session goes on', async () => {
  await using up = await LiveUp.start(100, 30);
  const { children } = await up.api.status();
  process.kill(children.find(({ name }) => name === 'toxiproxy')?.pid ?? 0, 'SIGKILL');
  await up.terminal.shows(/● toxiproxy .* 1 restart/);
  const again = await eventually(
    () => up.get('/json').catch(() => ({ status: 0 })),
    ({ status }) => status === 200,
    10_000,
  );
  expect(again.status).toBe(200);
  await up.terminal.shows(/GET +200 .*\/json/);
});

test('with NO_COLOR there is no colour on the screen', async () => {
  await using up = await LiveUp.start(80, 24, { NO_COLOR: '1' });
  await up.get('/status/500');
  await up.terminal.shows('500');
  const colours = (await up.terminal.lines({ styled: true }))
    .join('')
    .match(/\[(?:\d+;)*(?:3[0-8]|4[0-8]|9\d|10\d)(?:;\d+)*m/g);
  expect(colours).toBeNull();
});

test('without a terminal up prints plain lines, and never asks for one', async () => {
  await using up = await LiveUp.start(80, 24);
  await up.terminal.press('q');
  await up.terminal.shows('code=0');
  await up.terminal.type(`clear; ${process.execPath} ${proxyctlBin} up --api-port 0 | cat`);
  await up.terminal.press('Enter');
  await up.terminal.shows('The stack is ready.');
  expect(await up.terminal.isFullScreen()).toBe(false);
  await up.terminal.press('C-c');
  // The interrupted shell prompts again only when all of the pipe has gone.
  await up.terminal.shows(/^\$$/);
  await up.terminal.type('echo code=$?');
  await up.terminal.press('Enter');
});
