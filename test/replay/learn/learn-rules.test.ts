import { describe, expect, test } from 'vitest';
import { learnRules, type LearnOptions } from '../../../src/replay/learn/learn-rules.js';
import type { ReplayRule } from '../../../src/replay/rules/replay-rule.js';
import { form, json, recording, Replay, type Recorded } from '../../helpers/replaying.js';

const host = 'http://shop.test';

/** What two runs of a test teach, and a replay of the second with it. */
async function learn(runs: readonly [Recorded[], Recorded[]], options: LearnOptions = { sameTest: true }) {
  const [first, second] = runs.map((exchanges, i) => recording(exchanges, { recordingId: `r${i + 1}` }));
  const { rules, undecided } = await learnRules(first as never, second as never, options);
  return {
    rules,
    undecided,
    places: rules.map(({ where }) => where),
    replay: new Replay(runs[1], { info: { rules } }),
  };
}

const search = (seed: string, q = 'tea', answer: object = { hits: 3 }): Recorded => ({
  url: `${host}/search?q=${q}&seed=${seed}`,
  answer,
});

describe('what two runs of a test differ in', () => {
  test('is a rule, which tells where, of which requests, and what was seen', async () => {
    const { rules } = await learn([[search('17')], [search('23')]]);
    expect(rules).toEqual([
      {
        ...{ where: 'query seed', is: 'volatile', method: 'GET', host: 'shop.test', path: '/search' },
        learned: { from: ['r1', 'r2'], seen: ['17', '23'] },
      } satisfies ReplayRule,
    ]);
  });

  test('does not decide a replay any more, and all else still does', async () => {
    const { replay } = await learn([[search('17')], [search('23')]]);
    expect((await replay.ask(search('99'))).status).toBe(200);
    expect((await replay.ask(search('99', 'coffee'))).status).toBe(502);
    expect((await replay.ask({ url: `${host}/search?q=tea` })).status).toBe(502);
  });

  test('tells which of several requests is meant, where it is the recorded value or stands for it', async () => {
    const items = (a: string, b: string): Recorded[] => [
      { url: `${host}/items?ref=${a}`, answer: { ref: a, item: 1 } },
      { url: `${host}/items?ref=${b}`, answer: { ref: b, item: 2 } },
    ];
    const first = items('r-1001', 'r-1002').map((each) => ({ ...each, answer: { ok: true } }));
    const second = items('r-2001', 'r-2002').map((each) => ({ ...each, answer: { ok: true } }));
    const { rules } = await learn([first, second]);
    const replay = new Replay(items('r-2001', 'r-2002'), { info: { rules } });
    const item = async (ref: string): Promise<unknown> =>
      ((await replay.ask(`${host}/items?ref=${ref}`)).json() as { item: number }).item;
    expect([await item('r-2002'), await item('r-2001')]).toEqual([2, 1]);
    const other = new Replay(items('r-2001', 'r-2002'), { info: { rules } });
    const otherItem = async (ref: string): Promise<unknown> =>
      ((await other.ask(`${host}/items?ref=${ref}`)).json() as { item: number }).item;
    expect([await otherItem('a'), await otherItem('b'), await otherItem('b'), await otherItem('a')]).toEqual([
      ...[1, 2, 2, 1],
    ]);
  });

  test('is told again in the answer that repeats it', async () => {
    const order = (ref: number): Recorded => ({
      ...{ method: 'POST', url: `${host}/orders`, headers: json, body: JSON.stringify({ ref, sku: 'a' }) },
      answer: { ref, total: 5 },
    });
    const { places, replay } = await learn([[order(4711)], [order(4899)]]);
    expect(places).toEqual(['json $.ref']);
    expect((await replay.ask(order(5003))).json()).toEqual({ ref: 5003, total: 5 });
  });

  test.each<[string, (value: string) => Recorded, string]>([
    ['a segment of a path', (v) => ({ url: `${host}/sessions/s-${v}/items` }), 'path[1]'],
    ['a form field', (v) => ({ ...post, headers: form, body: `a=1&ticket=${v}` }), 'form ticket'],
    ['a header', (v) => ({ url: `${host}/a`, headers: ['X-Session-Id', v] }), 'header x-session-id'],
    ['XML', (v) => ({ ...post, headers: xml, body: `<a><n>${v}</n><m>1</m></a>` }), 'xml /a/n'],
    ['GraphQL variables', (v) => graphql(v), 'json $.variables.run'],
  ])('%s', async (_, request, where) => {
    const { places, replay } = await learn([[request('1234')], [request('5678')]]);
    expect(places).toEqual([where]);
    expect((await replay.ask(request('9012'))).status).toBe(200);
  });

  test('of all elements of an array is one rule', async () => {
    const many = (...refs: string[]): Recorded => ({
      ...{ ...post, headers: json, body: JSON.stringify({ list: refs.map((ref, i) => ({ ref, n: i })) }) },
      answer: { ok: true },
    });
    const { places } = await learn([[many('x1', 'x2', 'x3')], [many('y1', 'y2', 'y3')]]);
    expect(places).toEqual(['json $.list[*].ref']);
  });

  test('of an id that only looks like another thing’s is learned, where it is read and the answers are alike', async () => {
    const device = (id: string): Recorded => ({ url: `${host}/devices/${id}/settings`, answer: { dark: true } });
    const ids = ['0b5f5f0e-6c2f-4f7e-9d35-0a58d9c1a001', 'c6c1b1de-99aa-4d1b-8a9f-7b1f0d3c9b42'] as const;
    const { places, replay } = await learn([[device(ids[0])], [device(ids[1])]]);
    expect(places).toEqual(['path[1]']);
    expect((await replay.ask(device('7e0f8f5a-1f0e-4c55-b6a5-0d7b1b8c2f10'))).status).toBe(200);
  });
});

const post = { method: 'POST', url: `${host}/a`, answer: { ok: true } };
const xml = ['Content-Type', 'text/xml'];

function graphql(run: string): Recorded {
  const body = {
    query: 'query ($run: String, $id: ID) { item(id: $id, run: $run) { name } }',
    variables: { run, id: 1 },
  };
  return { method: 'POST', url: `${host}/graphql`, headers: json, body: JSON.stringify(body), answer: { data: 1 } };
}

describe('what is made anew beside values that mean something', () => {
  const create = (name: string): Recorded => ({
    ...{ method: 'POST', url: `${host}/queues`, headers: json, body: JSON.stringify({ name }), status: 201 },
    answer: { url: `${host}/queues/${name === '' ? 'default' : name}` },
  });
  const read = (name: string): Recorded => ({
    url: `${host}/queues/${name}`,
    answer: { name, url: `${host}/queues/${name}` },
  });
  const run = (...names: string[]): Recorded[] =>
    names.flatMap((name) => [create(name), ...(name === '' ? [] : [read(name)])]);

  test.each([
    ['an empty one', ''],
    ['a word', 'events'],
    ['a name with a number', 'events-2'],
  ])('is a rule that leaves %s as it is', async (_, constant) => {
    const { rules, undecided, replay } = await learn([run(constant, 'fd8590'), run(constant, 'e27a1f')]);
    expect(undecided).toEqual([]);
    expect(rules).toMatchObject([{ where: 'json $.name', is: 'volatile', except: [constant] }]);
    for (const { method = 'GET', url, headers = [], body = '' } of run(constant, 'ab12cd')) {
      const { status, text } = await replay.ask({ method, url, headers, body });
      expect({ url, found: status < 300 }).toEqual({ url, found: true });
      expect(text).not.toContain('e27a1f');
    }
    expect((await replay.ask(create(constant))).text).not.toContain('ab12cd');
  });

  test('is followed into paths, so that the request that fits is meant, in any order', async () => {
    const { replay } = await learn([run('fd8590', 'c3d4e5'), run('e27a1f', 'a9b8c7')]);
    for (const name of ['11aa22', '33bb44']) {
      const { method = 'GET', url, headers = [], body = '' } = create(name);
      expect((await replay.ask({ method, url, headers, body })).json()).toEqual({ url: `${host}/queues/${name}` });
    }
    for (const name of ['33bb44', '11aa22'])
      expect((await replay.ask(`${host}/queues/${name}`)).json()).toEqual({ name, url: `${host}/queues/${name}` });
  });

  test('stays one of a few where nothing shows that it is made', async () => {
    const { rules, undecided } = await learn([run('events', 'red'), run('events', 'blue')]);
    expect(rules).toEqual([]);
    expect(undecided.length).toBeGreaterThan(0);
  });
});

describe('what stays strict, and is told', () => {
  test.each<[string, [Recorded[], Recorded[]], string]>([
    [
      'where the answers differ too',
      [[search('17', 'tea', { name: 'A' })], [search('23', 'tea', { name: 'B' })]],
      'the answers differ too, in json $.name',
    ],
    [
      'an amount',
      [[{ ...post, headers: json, body: '{"amount":10}' }], [{ ...post, headers: json, body: '{"amount":20}' }]],
      '“amount” means something',
    ],
    [
      'a value that came in both runs',
      [
        [search('1'), search('2'), search('5')],
        [search('1'), search('3'), search('2')],
      ],
      'both recordings have “1”',
    ],
    [
      'a short value that the answer repeats under another name',
      [[search('17', 'tea', { total: 17 })], [search('23', 'tea', { total: 23 })]],
      'the answers differ too, in json $.total',
    ],
  ])('%s', async (_, runs, why) => {
    const { rules, undecided } = await learn(runs);
    expect(rules).toEqual([]);
    expect(undecided.map((each) => each.why)).toEqual([why]);
  });

  test('a word that may be a change of the test, where the recordings are not runs of one test', async () => {
    const { rules, undecided } = await learn([[search('tea')], [search('coffee')]], {});
    expect(rules).toEqual([]);
    expect(undecided.map(({ why }) => why)).toEqual(['the test may have changed']);
    expect((await learn([[search('x-91823')], [search('x-11203')]], {})).places).toEqual(['query seed']);
  });

  test.each<[string, [Recorded[], Recorded[]]]>([
    [
      'what the server gave',
      [
        [{ url: `${host}/cart`, answer: { cart: 'c-101' } }, { url: `${host}/pay?cart=c-101` }],
        [{ url: `${host}/cart`, answer: { cart: 'c-202' } }, { url: `${host}/pay?cart=c-202` }],
      ],
    ],
    ['other requests', [[{ url: `${host}/a/one` }], [{ url: `${host}/a/two` }]]],
    ['more requests of one shape in one run', [[search('1'), search('2')], [search('3')]]],
    ['nothing that differs', [[search('1')], [search('1')]]],
    ['dates', [[search('2026-11-20T10:00:00Z')], [search('2026-11-21T10:00:00Z')]]],
  ])('%s teach nothing', async (_, runs) => {
    expect(await learn(runs)).toMatchObject({ rules: [], undecided: [] });
  });
});

describe('a rule that is set', () => {
  const at = (where: string, is: ReplayRule['is'], more: Partial<ReplayRule> = {}): ReplayRule => ({
    ...{ where, is, method: '*', host: '*', path: '*' },
    ...more,
  });

  test('exact: what looks volatile has to be equal', async () => {
    const url = (id: string): string => `${host}/a?client_id=${id}`;
    const [one, two] = ['0b5f5f0e-6c2f-4f7e-9d35-0a58d9c1a001', 'c6c1b1de-99aa-4d1b-8a9f-7b1f0d3c9b42'] as const;
    const incoming = async (rules: ReplayRule[]): Promise<number> =>
      (await new Replay([{ url: url(one) }], { rules }).ask(url(two))).status;
    expect(await incoming([])).toBe(200);
    expect(await incoming([at('query client_id', 'exact')])).toBe(502);
    expect(await incoming([at('query client_id', 'exact', { host: 'other.test' })])).toBe(200);
  });

  test('exact for one normalizer switches that one off, there', async () => {
    const incoming = async (rules: ReplayRule[]): Promise<number> =>
      (await new Replay([{ url: `${host}/a?nonce=1` }], { rules }).ask(`${host}/a?nonce=2`)).status;
    expect(await incoming([at('*', 'exact', { normalizer: 'uuids' })])).toBe(200);
    expect(await incoming([at('*', 'exact', { normalizer: 'nonces' })])).toBe(502);
    expect(await incoming([at('*', 'exact', { normalizer: 'nonces', path: '/b' })])).toBe(200);
  });

  test('exact: a header that no answer names selects', async () => {
    const rules = [at('header x-theme', 'exact')];
    const replay = new Replay([{ url: host, headers: ['X-Theme', 'dark'] }], { rules });
    expect((await replay.ask({ url: host, headers: ['X-Theme', 'light'] })).status).toBe(502);
    expect((await replay.ask({ url: host, headers: ['X-Theme', 'dark'] })).status).toBe(200);
  });

  test('ignored: it may be missing', async () => {
    const rules = [at('query debug', 'ignored'), at('json $.trace', 'ignored'), at('header x-tenant', 'ignored')];
    const recorded = {
      ...post,
      url: `${host}/a?debug=1`,
      headers: [...json, 'X-Tenant', 'a'],
      body: '{"a":1,"trace":2}',
    };
    const replay = new Replay([recorded], { rules });
    expect((await replay.ask({ ...post, headers: json, body: '{"a":1}' })).status).toBe(200);
    expect((await replay.ask({ ...post, headers: json, body: '{"a":2}' })).status).toBe(502);
  });

  test('of the recording comes before one of the project, and that before what was learned', async () => {
    const learned = { ...at('query seed', 'volatile'), learned: { from: [], seen: [] } };
    const status = async (recorded: ReplayRule[], project: ReplayRule[]): Promise<number> =>
      (await new Replay([search('1')], { info: { rules: recorded }, rules: project }).ask(search('2'))).status;
    expect(await status([learned], [])).toBe(200);
    expect(await status([learned], [at('query seed', 'exact')])).toBe(502);
    expect(await status([learned, at('query seed', 'volatile')], [at('query seed', 'exact')])).toBe(200);
  });
});
