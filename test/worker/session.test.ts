import { expect, test } from 'vitest';
import type { SessionEventBody } from '../../src/protocol/session-event.js';
import { sessionSpec, type SessionSpec } from '../../src/protocol/session-spec.js';
import { Session } from '../../src/worker/session.js';
import { Body, type HttpResponse, type Interceptor } from '../../src/http/index.js';
import { exchangeOf, responseOf } from '../helpers/exchange.js';

function open(
  spec: Partial<SessionSpec> = {},
  interceptors: Interceptor[] = [],
): { session: Session; events: SessionEventBody[] } {
  const events: SessionEventBody[] = [];
  const session = new Session(
    sessionSpec.parse({ id: 's', mode: 'live', createdAt: '2026-11-21T00:00:00Z', ...spec }),
    {
      upstream: () => Promise.reject(new Error('not reached')),
      interceptors,
      indexes: { next: 0 },
      wantsEvents: () => true,
      emit: (event) => events.push(event),
    },
  );
  return { session, events };
}

test('a host for which a client refuses our certificate is named once, with what to do', () => {
  const { session, events } = open();
  session.certificateRefused('api.test', 443);
  session.certificateRefused('api.test', 443);
  const warning = {
    message: 'A client refused our certificate for api.test:443',
    hint: 'Let it trust the CA (proxyctl ca path), or pass this host through with --no-intercept api.test.',
  };
  expect(events).toEqual([{ type: 'warning', ...warning }]);
  expect(session.warnings).toEqual([warning]);
  expect(session.interception('api.test', 443)).toBe(true);
});

test('with passthroughOnPinning it passes through from then on, by its port, and others do not', () => {
  const { session } = open({ passthroughOnPinning: true });
  expect(session.interception('api.test', 443)).toBe(true);
  session.certificateRefused('api.test', 443);
  expect(session.interception('api.test', 443)).toEqual({ passthrough: 'pinning' });
  expect(session.interception('api.test', 8443)).toBe(true);
  expect(session.warnings[0]?.message).toContain('it passes through untouched from now on');
});

test('a replay does not promise to pass anything through', () => {
  const { session } = open({ passthroughOnPinning: true, mode: 'replay' });
  session.certificateRefused('api.test', 443);
  expect(session.warnings[0]?.message).toBe('A client refused our certificate for api.test:443');
});

test.each([
  ['HEAD', 200],
  ['GET', 204],
  ['GET', 304],
])(
  'an answer to %s with status %i, which has no body, is no failure though nobody reads one',
  async (method, status) => {
    const answer = (): Promise<HttpResponse> => Promise.resolve(responseOf(Body.empty(), { status }));
    const { session, events } = open({}, [answer]);
    const { body } = await session.handle(exchangeOf(0, { method }));
    body.cancel(new Error('This answer has no body'));
    expect(session.counts).toMatchObject({ exchanges: 1, inFlight: 0, failures: 0 });
    expect(events.map(({ type }) => type)).toEqual(['request', 'response-start', 'response']);
  },
);

test('that a client goes away where it did when it was recorded is no failure', async () => {
  const aborted: Interceptor = (exchange) => {
    exchange.notes.abortedWhenRecorded = true;
    return Promise.reject(new Error('the client went away'));
  };
  const { session } = open({ mode: 'replay' }, [aborted]);
  await expect(session.handle(exchangeOf(0))).rejects.toThrow('went away');
  expect(session.counts).toMatchObject({ inFlight: 0, failures: 0 });
});
