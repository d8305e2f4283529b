import { z } from 'zod';
import { millisecondsWithin } from '../../core/quantities.js';
import { UsageError } from '../../errors/index.js';
import { resolveAppVersion } from '../shared/app-version.js';
import { defineCommand } from '../shared/define-command.js';
import { exportLines } from '../shared/export-lines.js';
import { requireStack } from '../shared/find-stack.js';
import { recordingOptions, sessionOptions, sessionRequest, storeUrl } from '../shared/session-options.js';
import { text } from '../shared/values.js';
import { sessionVariables } from '../shared/with-session.js';
import { sessionText } from './show.js';

export const sessionCreate = defineCommand({
  name: 'session create',
  summary: 'Open a session on the running stack that stays open',
  description:
    'With a proxy port, toxics, mocks and counters of its own, until session rm, session publish or the end of its lease. --print-env prints the variables that a program needs to use it.',
  examples: [
    'session create --id checkout --lease 10m',
    'eval "$(proxyctl session create --id checkout --print-env)"',
    'session create --mode record --test-id checkout --lease 30m',
  ],
  args: z.object({}),
  options: z.object({
    id: text.optional().meta({
      description: 'Its name: small letters, digits and -',
      defaultText: 'one from the test id, or made up',
      placeholder: 'id',
    }),
    mode: z.enum(['live', 'record', 'replay']).default('live').meta({
      description: 'What it does: live, record or replay',
      placeholder: 'mode',
    }),
    ...recordingOptions,
    testId: recordingOptions.testId.optional().meta({
      description: 'Test that the recording belongs to; needed to record or replay',
      placeholder: 'id',
    }),
    lease: millisecondsWithin({ min: 1000 }).optional().meta({
      description: 'End by itself after so long without traffic or session renew',
      defaultText: 'never',
    }),
    history: z.boolean().default(false).meta({ description: 'Keep what passes, for har and expect' }),
    printEnv: z.boolean().default(false).meta({ description: 'Print the variables as export lines for a shell' }),
    ...sessionOptions,
  }),
  async run({ options, output }) {
    const { id, mode, testId, branch, store, lease, history, printEnv } = options;
    if (mode !== 'live' && testId === undefined)
      throw new UsageError(`--mode ${mode} needs a --test-id`, { hint: 'Say which test this is.' });
    const stack = await requireStack();
    const { appVersion, appVersionFrom } = await resolveAppVersion(options.appVersion, output);
    const session = await stack.sessions.create({
      ...(await sessionRequest(options, false)),
      ...{ mode, history },
      ...(mode === 'live' ? {} : { store: storeUrl(store) }),
      ...(id === undefined ? {} : { id }),
      ...(testId === undefined ? {} : { testId }),
      ...(appVersion === undefined ? {} : { appVersion }),
      ...(appVersionFrom === undefined || mode !== 'record' ? {} : { appVersionFrom }),
      ...(branch === undefined ? {} : { branch }),
      ...(lease === undefined ? {} : { leaseSeconds: lease / 1000 }),
    });
    if (!printEnv) return output.print(session, sessionText);
    const env = await sessionVariables({ stack, session }, options);
    if (output.json) output.print({ session, env }, () => '');
    else output.raw(exportLines(env));
  },
});
