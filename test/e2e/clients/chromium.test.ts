import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { AllVersionsOrigin, type AnyRequest, type AnyResponse } from '../../helpers/all-versions-origin.js';
import { answerRoutes, patternedBytes } from '../../helpers/origin.js';
import { proxyctl } from '../../helpers/proxyctl.js';
import { clientFixture, RealInput } from '../../helpers/real-input.js';

const types: Record<string, string> = {
  html: 'text/html',
  js: 'text/javascript',
  css: 'text/css',
  svg: 'image/svg+xml',
};
const texts: Record<string, string> = {
  '/style.css': 'body { color: teal }',
  '/picture.svg': '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><circle r="4"/></svg>',
};

/** The page of test/fixtures/clients/browser, and what it asks for, on every host of the origin. */
async function site(request: AnyRequest, response: AnyResponse): Promise<void> {
  const path = request.url?.split('?')[0] ?? '';
  const origin = request.headers.origin;
  const cors = typeof origin === 'string' ? { 'Access-Control-Allow-Origin': origin } : {};
  if (request.method === 'OPTIONS') {
    response.writeHead(204, { ...cors, 'Access-Control-Allow-Methods': 'PUT', 'Access-Control-Allow-Headers': '*' });
    response.end();
    return;
  }
  const file = path === '/' ? 'index.html' : path.slice(1);
  const type = types[file.split('.')[1] ?? ''];
  if (type !== undefined) {
    response.writeHead(200, { 'Content-Type': type });
    response.end(texts[path] ?? (await readFile(clientFixture(`browser/${file}`))));
  } else if (path === '/echo-length') {
    let length = 0;
    for await (const chunk of request as AsyncIterable<Buffer>) length += chunk.length;
    response.writeHead(200, { 'X-Shown': 'yes' });
    response.end(String(length));
  } else if (path === '/nothing') {
    response.writeHead(204);
    response.end();
  } else if (path === '/cookie') {
    response.writeHead(200, { 'Set-Cookie': 'who=me; Path=/; HttpOnly; Secure' });
    response.end('baked');
  } else if (path === '/echo-cookie') {
    response.writeHead(200);
    response.end(request.headers.cookie);
  } else if (path === '/events') {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    for (const data of ['one', 'two', 'last']) response.write(`data: ${data}\n\n`);
    // It stays open: the page closes it.
  } else if (path.startsWith('/bytes/')) {
    response.writeHead(200, { ...cors, 'Content-Type': 'application/octet-stream' });
    response.end(patternedBytes(Number(path.split('/')[2])));
  } else if (path === '/echo') {
    response.writeHead(200, { ...cors, 'Access-Control-Expose-Headers': 'X-Shown', 'X-Shown': request.httpVersion });
    for await (const chunk of request as AsyncIterable<Buffer>) response.write(chunk);
    response.end();
  } else await answerRoutes(request as IncomingMessage, response as ServerResponse);
}

test('Chromium shows a page of 100 and more requests on several hosts, with wss and a service worker, live and replayed', async () => {
  await using origin = await AllVersionsOrigin.start({
    answer: site,
    connected: (socket) => {
      socket.on('message', (data: Buffer, isBinary) =>
        socket.send(isBinary ? data.subarray(1) : `answer to ${data.toString()}`),
      );
    },
  });
  await using input = await RealInput.start('chromium', ['--upstream-ca', origin.caFile]);
  const home = join(input.folder, 'browser-home');
  const trusted = await proxyctl(['ca', 'trust', 'nss'], { home: join(input.folder, 'home'), env: { HOME: home } });
  expect(trusted, trusted.all).toMatchObject({ exitCode: 0 });
  const program = {
    command: [process.execPath, clientFixture('chromium.mjs'), origin.url('https', '/')],
    env: { HOME: home },
  };

  const recorded = await input.record('chromium', program);
  const asked = origin.requests.length;
  await origin.close();
  const replayed = await input.replay('chromium', program);

  expect(replayed.stdout).toBe(recorded.stdout);
  expect(origin.requests).toHaveLength(asked);
  const lines = recorded.stdout.split('\n');
  expect(lines.filter((line) => /^GET https:\/\/\w+\.origin\.test:\d+\/bytes\/\d+ 200 /.test(line))).toHaveLength(120);
  expect(lines).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^PUT .* 2\.0$/),
      'events one,two,last',
      expect.stringMatching(/^socket (answer to question \d,){5}69999 bytes closed 4001 enough true$/),
      expect.stringMatching(/^GET \/from-worker 200 4321 /),
    ]),
  );
  expect(origin.requests.filter((line) => line.startsWith('HTTP/2.0 ')).length).toBeGreaterThan(130);
});
