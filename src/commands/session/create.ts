import { z } from 'zod';
import { UsageError } from '../../errors/index.js';
import { sessionMode } from '../../protocol/session-options/index.js';
import { resolveAppVersion } from '../shared/app-version.js';
import { defineCommand } from '../shared/define-command.js';
import { exportLines } from '../shared/export-lines.js';
import { requireStack } from '../shared/find-stack.js';
import { flagMeta, sessionFlags } from '../shared/session-flags.js';
import { environmentOptions, recordingOptions, sessionRequest, storeUrl } from '../shared/session-options.js';
import { noteOpenProxy, sessionVariables } from '../shared/with-session.js';
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
    ...sessionFlags('session create'),
    ...recordingOptions,
    mode: sessionMode.default('live').meta(flagMeta('mode')),
    testId: recordingOptions.testId.optional().meta({
      description: 'Test that the recording belongs to; needed to record or replay',
      placeholder: 'id',
    }),
    printEnv: z.boolean().default(false).meta({ description: 'Print the variables as export lines for a shell' }),
    ...environmentOptions,
  }),
  async run({ options, output }) {
    const { mode, testId, printEnv } = options;
    if (mode !== 'live' && testId === undefined)
      throw new UsageError(`--mode ${mode} needs a --test-id`, { hint: 'Say which test this is.' });
    const stack = await requireStack();
    const { appVersion, appVersionFrom } = await resolveAppVersion(options.appVersion, output);
    const store = mode === 'live' ? undefined : storeUrl(options.store);
    const session = await stack.sessions.create({
      ...(await sessionRequest('session create', { ...options, appVersion, store }, false)),
      ...(appVersionFrom === undefined || mode !== 'record' ? {} : { appVersionFrom }),
    });
    noteOpenProxy(output, session);
    if (!printEnv) return output.print(session, sessionText);
    const env = await sessionVariables({ stack, session }, options);
    if (output.json) output.print({ session, env }, () => '');
    else output.raw(exportLines(env));
  },
});
