import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { execa } from 'execa';
import { ProxyAgent, request } from 'undici';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../supervisor/free-port.js';
import { AllVersionsOrigin, type AnyRequest, type AnyResponse } from '../helpers/all-versions-origin.js';
import { patternedBytes } from '../helpers/origin.js';
import { mustRun } from '../helpers/processes.js';
import { proxyctl } from '../helpers/proxyctl.js';
import { clientFixture, RealInput } from '../helpers/real-input.js';
import { untilPrinted } from '../helpers/until-printed.js';

const html = `<!doctype html><title>Shop</title><link rel="stylesheet" href="/style.css"><script type="module" src="/page.js"></script>`;
/**
 * Asks for JSON, packed; sends two forms to one address; follows an HTTP redirect; and takes more than stands within a
 * HAR of the store.
 */
const script = `
  const said = async (path, body) => (await fetch(path, body && { method: 'POST', body })).text();
  const large = await (await fetch('/moved')).arrayBuffer();
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', large));
  globalThis.result = JSON.stringify({
    list: await said('/list?page=2'),
    answers: [await said('/order', 'item=2'), await said('/order', 'item=1')],
    large: Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join(''),
    colour: getComputedStyle(document.body).color,
  });
`;
const largeBody = patternedBytes(700_000);
const sha256 = (data: Buffer | string): string => createHash('sha256').update(data).digest('hex');

async function shop(incoming: AnyRequest, answer: AnyResponse): Promise<void> {
  const say = (type: string, body: string | Buffer, headers = {}): void => {
    answer.writeHead(200, { 'Content-Type': type, ...headers });
    answer.end(body);
  };
  switch (incoming.url) {
    case '/':
      return say('text/html; charset=utf-8', html);
    case '/page.js':
      return say('text/javascript', script);
    case '/style.css':
      return say('text/css', 'body { color: rgb(1, 2, 3) }');
    case '/list?page=2':
      return say('application/json', gzipSync('{"items":["Ä","b"]}'), { 'Content-Encoding': 'gzip' });
    case '/order': {
      let body = '';
      for await (const chunk of incoming as AsyncIterable<Buffer>) body += chunk.toString();
      return say('text/plain', `ordered ${body}`);
    }
    case '/large':
      return say('application/octet-stream', largeBody);
    case '/moved':
      answer.writeHead(302, { Location: '/large' });
      break;
    default:
      answer.writeHead(404);
  }
  answer.end();
}

const expected = JSON.stringify({
  list: '{"items":["Ä","b"]}',
  answers: ['ordered item=2', 'ordered item=1'],
  large: sha256(largeBody),
  colour: 'rgb(1, 2, 3)',
});

let input: RealInput;
let page: string;
const exported = new Map<string, string>();
beforeAll(async () => {
  const origin = await AllVersionsOrigin.start({ answer: shop });
  input = await RealInput.start('other-tools', ['--upstream-ca', origin.caFile]);
  page = origin.url('https', '/');
  const recorded = await input.record('shop', {
    command: [process.execPath, clientFixture('playwright.mjs'), page],
  });
  await origin.close();
  expect(recorded.stdout).toBe(expected);
  for (const format of ['har', 'har.zip', 'mitm']) {
    const file = join(input.folder, `shop.${format}`);
    const done = await proxyctl(
      ['recordings', 'export', 'shop', file, '--format', format, '--store', join(input.folder, 'store')],
      { home: join(input.folder, 'home') },
    );
    expect(done, done.all).toMatchObject({ exitCode: 0 });
    exported.set(format, file);
  }
});
afterAll(() => input[Symbol.asyncDispose]());

test.each(['har', 'har.zip'])(
  'Playwright answers a page in Chromium from the exported %s, with the backend gone',
  async (format) => {
    const shown = await mustRun(process.execPath, [clientFixture('playwright.mjs'), page, exported.get(format) ?? '']);
    expect(shown.stdout).toBe(expected);
  },
);

describe('mitmproxy', () => {
  const bin = join(import.meta.dirname, '../../.work/e2e/mitmproxy/bin');
  const program = (name: string): string => {
    const path = join(bin, name);
    if (!existsSync(path)) throw new Error(`There is no ${path}: scripts/setup-e2e.sh installs it`);
    return path;
  };

  test.each(['mitm', 'har'])('reads the exported %s: every request with its answer’s bytes', async (format) => {
    const read = await mustRun(program('python3'), [clientFixture('read_flows.py'), exported.get(format) ?? '']);
    const flows = read.stdout.split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
    const url = (path: string): string => new URL(path, page).href;
    expect(flows).toEqual(
      expect.arrayContaining([
        { method: 'GET', url: url('/'), sent: '', status: 200, sha256: sha256(html) },
        { method: 'GET', url: url('/list?page=2'), sent: '', status: 200, sha256: sha256('{"items":["Ä","b"]}') },
        { method: 'POST', url: url('/order'), sent: 'item=2', status: 200, sha256: sha256('ordered item=2') },
        { method: 'GET', url: url('/moved'), sent: '', status: 302, sha256: sha256('') },
        { method: 'GET', url: url('/large'), sent: '', status: 200, sha256: sha256(largeBody) },
      ]),
    );
  });

  test('answers from the exported flows as a server, with the backend gone', async () => {
    const port = await freePort();
    const settings = { server_replay: exported.get('mitm'), server_replay_extra: 'kill', connection_strategy: 'lazy' };
    const confdir = join(input.folder, 'mitmproxy');
    const server = execa(
      program('mitmdump'),
      [
        ...['--listen-host', '127.0.0.1', '--listen-port', String(port)],
        ...Object.entries({ ...settings, confdir }).flatMap(([name, value]) => ['--set', `${name}=${value}`]),
      ],
      {
        stdin: 'ignore',
        reject: false,
        env: { PYTHONUNBUFFERED: '1', PATH: [bin, process.env['PATH']].join(delimiter) },
      },
    );
    onTestFinished(async () => {
      server.kill();
      await server;
    });
    await untilPrinted(server.stdout, (line) => line.includes('proxy listening'));
    const dispatcher = new ProxyAgent({ uri: `http://127.0.0.1:${port}`, requestTls: { rejectUnauthorized: false } });
    const answer = await request(new URL('/order', page), { method: 'POST', body: 'item=1', dispatcher });
    expect(await answer.body.text()).toBe('ordered item=1');
    const large = await request(new URL('/large', page), { dispatcher });
    expect(sha256(Buffer.from(await large.body.arrayBuffer()))).toBe(sha256(largeBody));
    await dispatcher.destroy();
  });
});
