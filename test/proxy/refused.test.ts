import { constants } from 'node:http2';
import { describe, expect, test } from 'vitest';
import { h2Refusals, refusals } from '../../scripts/reference/refusals.js';
import { startProxy, type TestProxy } from '../helpers/engine.js';
import { ask, h2Through } from '../helpers/h2.js';

const shown = refusals.flatMap(({ what, status, example }) =>
  example === undefined ? [] : [{ what, status, example }],
);
const shownH2 = h2Refusals.flatMap(({ what, status, example }) =>
  example === undefined ? [] : [{ what, status, example }],
);

/** Nothing of it went on to anybody. */
function expectNothingPassed(proxy: TestProxy): void {
  expect(proxy.exchanges).toEqual([]);
  expect(proxy.upstream.connectionsOpened()).toBe(0);
}

describe('as docs/reference/refused.md says', () => {
  test.each(shown)('$what: $status', async ({ status, example }) => {
    const proxy = await startProxy();
    const connection = await proxy.connect();
    connection.write(example.replaceAll('PROXY', `127.0.0.1:${proxy.port}`));
    const head = await connection.head();
    expect(head.status).toBe(status);
    expect(head.headers).toContain('PROXYCTL_BAD_REQUEST');
    const { error } = JSON.parse(await connection.body(head)) as { error: { code: string; message: string } };
    expect(error.code).toBe('PROXYCTL_BAD_REQUEST');
    expect(error.message).not.toBe('');
    expectNothingPassed(proxy);
  });

  test.each(shownH2)('HTTP/2: $what', async ({ status, example }) => {
    const proxy = await startProxy();
    const session = await h2Through(proxy, 'api.example:80', 'direct');
    const answer = await ask(session, example);
    expect(answer.status).toBe(status);
    if (status === 0) expect(answer.rstCode).toBe(constants.NGHTTP2_PROTOCOL_ERROR);
    else expect(answer.headers['x-proxyctl-error']).toBe('PROXYCTL_BAD_REQUEST');
    expectNothingPassed(proxy);
  });
});
