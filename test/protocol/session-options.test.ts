import { describe, expect, test } from 'vitest';
import { createSessionRequest } from '../../src/api/schemas.js';
import { exec } from '../../src/commands/exec.js';
import { record } from '../../src/commands/record.js';
import { replay } from '../../src/commands/replay.js';
import { run } from '../../src/commands/run.js';
import { sessionCreate } from '../../src/commands/session/create.js';
import { up } from '../../src/commands/up.js';
import {
  optionsOf,
  scopesOf,
  sessionOptions,
  type SessionCommand,
  type SessionOption,
} from '../../src/protocol/session-options/index.js';
import { sessionSpec } from '../../src/protocol/session-spec.js';

const options = Object.entries(sessionOptions as Record<string, SessionOption>).map(([key, option]) => ({
  key,
  option,
}));
const commands = { exec, record, replay, run, 'session create': sessionCreate, up } as const satisfies Record<
  SessionCommand,
  unknown
>;

test.each(options)(
  '$key is in the session’s spec unless only a request says it, and in the request unless it is internal',
  ({ key, option }) => {
    expect(key in sessionSpec.shape).toBe(option.requestOnly !== true);
    expect(key in createSessionRequest.shape || option.internal === true).toBe(true);
    const { error } = createSessionRequest.safeParse({ [key]: 1 });
    const unknown = error?.issues.some((issue) => issue.code === 'unrecognized_keys') ?? false;
    expect(unknown).toBe(option.internal === true);
  },
);

describe.each(Object.keys(commands) as SessionCommand[])('%s', (command) => {
  test('has a flag for each option of the sessions that it opens, described', () => {
    const flags = commands[command].options.shape as Record<string, { description?: string } | undefined>;
    for (const { key, flag } of optionsOf(scopesOf[command])) {
      if (flag === undefined || flag.commands?.includes(command) === false) continue;
      expect([key, (flag.name ?? key) in flags]).toEqual([key, true]);
      expect([key, flags[flag.name ?? key]?.description ?? '']).toEqual([key, expect.stringMatching(/\w/)]);
    }
  });

  test('calls the proxy’s port --proxy-port, and no flag --port', () => {
    expect('proxyPort' in commands[command].options.shape).toBe(true);
    expect('port' in commands[command].options.shape).toBe(false);
  });
});

test.each(['', ' '])('an address or a host of %j is refused: it would mean every one', (text) => {
  for (const request of [{ host: text }, { intercept: [text] }, { noIntercept: [text] }])
    expect([request, createSessionRequest.safeParse(request).success]).toEqual([request, false]);
});
