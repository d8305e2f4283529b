import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { proxyctlHome } from '../../src/config/paths.js';
import { canShowLiveView, showLiveView } from '../../src/tui/index.js';
import { Stack } from '../../supervisor/stack.js';
import { eventually } from '../helpers/processes.js';
import { makeTempFolder } from '../helpers/temp-folder.js';

let stack: Stack;
let folder: Awaited<ReturnType<typeof makeTempFolder>>;
beforeAll(async () => {
  folder = await makeTempFolder('view');
  stack = await Stack.start({ home: proxyctlHome(folder.path), defaultSession: {} });
});
afterAll(async () => {
  await stack.close();
  await folder.remove();
});

/** A terminal that keeps what it is sent, and a keyboard. */
class FakeTerminal {
  readonly stdout = Object.assign(new PassThrough(), { isTTY: true, columns: 80, rows: 24 });
  readonly stdin = Object.assign(new PassThrough(), {
    isTTY: true,
    isRaw: false,
    setRawMode(this: { isRaw: boolean }, raw: boolean) {
      this.isRaw = raw;
      return this;
    },
    ref: () => undefined,
    unref: () => undefined,
  });
  sent = '';

  constructor() {
    this.stdout.on('data', (data: Buffer) => (this.sent += data.toString()));
  }

  show(options: { onQuit?: () => void; signal?: AbortSignal } = {}): Promise<void> {
    return showLiveView({
      stack: stack.api,
      stdout: this.stdout as unknown as NodeJS.WriteStream,
      stdin: this.stdin as unknown as NodeJS.ReadStream,
      onQuit: () => undefined,
      ...options,
    });
  }

  async saw(text: string): Promise<void> {
    const seen = await eventually(
      () => stripVTControlCharacters(this.sent),
      (all) => all.includes(text),
      15_000,
    );
    expect(seen).toContain(text);
  }
}

test('the view shows the stack, and q leaves it with the terminal as it was', async () => {
  const terminal = new FakeTerminal();
  let atQuit: { raw: boolean; sent: string } | undefined;
  const shown = terminal.show({ onQuit: () => (atQuit = { raw: terminal.stdin.isRaw, sent: terminal.sent }) });
  await terminal.saw('● mitm');
  expect(terminal.stdin.isRaw).toBe(true);
  terminal.stdin.write('q');
  await shown;
  expect(atQuit?.raw).toBe(false);
  expect(atQuit?.sent.endsWith('\u001b[?1049l')).toBe(true);
  await stack.api.status(); // it is for the caller to stop it
});

test('a signal ends the view without asking for an end of the stack', async () => {
  const terminal = new FakeTerminal();
  const stop = new AbortController();
  let quits = 0;
  const shown = terminal.show({ signal: stop.signal, onQuit: () => (quits += 1) });
  await terminal.saw('❯ default');
  stop.abort();
  await shown;
  expect(quits).toBe(0);
  expect(terminal.sent.endsWith('\u001b[?1049l')).toBe(true);
});

test('a view that is asked to end before it begins ends', async () => {
  const terminal = new FakeTerminal();
  await terminal.show({ signal: AbortSignal.abort() });
  expect(terminal.sent.endsWith('\u001b[?1049l')).toBe(true);
});

test('a failure of the view itself gives the terminal back and is not swallowed', async () => {
  const terminal = new FakeTerminal();
  terminal.stdin.setRawMode = () => {
    throw new Error('no raw mode');
  };
  await expect(terminal.show()).rejects.toThrow('no raw mode');
  expect(terminal.sent.endsWith('\u001b[?1049l')).toBe(true);
});

test('the view leaves no listeners behind, and NODE_ENV as it was', async () => {
  const count = (): number =>
    ['exit', 'uncaughtExceptionMonitor', 'beforeExit', 'SIGINT'].reduce(
      (sum, name) => sum + process.listenerCount(name),
      0,
    );
  const [before, nodeEnv] = [count(), process.env['NODE_ENV']];
  const terminal = new FakeTerminal();
  const shown = terminal.show();
  await terminal.saw('❯ default');
  terminal.stdin.write('q');
  await shown;
  expect(count()).toBe(before);
  expect(terminal.stdout.listenerCount('resize')).toBe(0);
  expect(process.env['NODE_ENV']).toBe(nodeEnv);
});

test('React was loaded as its production build, which keeps no record of each redraw', async () => {
  // `act` is for tests and in the other build only. React is loaded once in a process, so this asks for what the view
  // got.
  expect((await import('react')).act).toBeUndefined();
});

test('there is a view only where there is a screen and a keyboard', () => {
  const { stdout, stdin } = new FakeTerminal() as unknown as { stdout: NodeJS.WriteStream; stdin: NodeJS.ReadStream };
  expect(canShowLiveView(stdout, stdin)).toBe(true);
  expect(canShowLiveView(Object.assign(stdout, { isTTY: false }), stdin)).toBe(false);
  expect(canShowLiveView(Object.assign(stdout, { isTTY: true }), Object.assign(stdin, { isTTY: undefined }))).toBe(
    false,
  );
});
