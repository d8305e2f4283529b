import { expect, test } from 'vitest';
import type { SessionEventBody } from '../../src/session/session-event.js';
import { sessionSpec, type SessionSpec } from '../../src/session/session-spec.js';
import { Session } from '../../src/session/session.js';

function open(spec: Partial<SessionSpec> = {}): { session: Session; events: SessionEventBody[] } {
  const events: SessionEventBody[] = [];
  const session = new Session(
    sessionSpec.parse({ id: 's', mode: 'live', createdAt: '2026-11-21T00:00:00Z', ...spec }),
    {
      upstream: () => Promise.reject(new Error('not reached')),
      interceptors: [],
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
