import { expect, test } from 'vitest';
import { Replay, type Recorded } from '../helpers/replaying.js';

const soap = (symbol: string, id: string, created: string, layout = ''): string =>
  `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">${layout}<s:Header><MessageID>urn:uuid:${id}</MessageID>` +
  `<Created>${created}</Created></s:Header>${layout}<s:Body><Get a="1"><symbol>${symbol}</symbol></Get></s:Body></s:Envelope>`;
const post = (body: string, answer = ''): Recorded => ({
  method: 'POST',
  url: 'http://soap.test/',
  headers: ['Content-Type', 'text/xml'],
  body,
  answer,
  responseHeaders: ['Content-Type', 'text/xml'],
});
const id = '6f1c0a52-53c5-4a53-9a0d-27b0c1b6a001';
const other = 'b7a9f3d0-8f3e-4f0e-9f77-0a6b3c2d1e02';

test('an XML request is found whatever its layout, its ids and times, and its id comes back', async () => {
  const recorded = soap('ACME', id, '2026-11-21T10:00:00Z');
  const replay = new Replay([post(recorded, `<r><to>${id}</to><price>1</price></r>`)]);
  const incoming = soap('ACME', other, '2026-11-21T10:00:01Z', '\n    ');
  expect((await replay.ask(post(incoming))).text).toBe(`<r><to>${other}</to><price>1</price></r>`);
});

test('an XML request that says something else is a miss', async () => {
  const replay = new Replay([post(soap('ACME', id, '2026-11-21T10:00:00Z'), '<r/>')]);
  const incoming = await replay.ask(post(soap('INIT', other, '2026-11-21T10:00:00Z')));
  expect(incoming.status).toBe(502);
  expect(replay.replayer.misses()[0]?.nearest?.differences.map(({ where }) => where)).toEqual([
    'xml /Envelope/Body/Get/symbol',
  ]);
});

test('the prefix of a namespace is the writer’s choice, the namespace is not', async () => {
  const recorded = soap('ACME', id, '2026-11-21T10:00:00Z');
  const incoming = soap('ACME', other, '2026-11-21T10:00:01Z');
  const prefixed = incoming.replace(/(<\/?)s:/g, '$1SOAP-ENV:').replace('xmlns:s=', 'xmlns:SOAP-ENV=');
  const replay = new Replay([post(recorded, '<ok/>')]);
  expect((await replay.ask(post(prefixed))).text).toBe('<ok/>');
  const newer = incoming.replace(
    'http://schemas.xmlsoap.org/soap/envelope/',
    'http://www.w3.org/2003/05/soap-envelope',
  );
  expect((await replay.ask(post(newer))).status).toBe(502);
  expect(replay.replayer.misses()[0]?.nearest?.differences[0]?.where).toBe('xml /Envelope/@xmlns');
});
