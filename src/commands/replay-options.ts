import { z } from 'zod';
import { text, wholeNumber } from './values.js';

/** Flags that say which recording a replay takes and how it answers. */
export const replayOptions = {
  versionPolicy: z.enum(['exact', 'nearest', 'latest']).default('nearest').meta({
    description: 'Which recording to take when this app version has none',
  }),
  recording: text
    .optional()
    .meta({ description: 'Take this recording instead of the published one', placeholder: 'id' }),
  missStatus: wholeNumber(400, 599, 'status').optional().meta({
    description: 'HTTP status of the answer to a request that is not in the recording',
    defaultText: '502',
  }),
  timing: z.enum(['fast', 'recorded']).default('fast').meta({
    description: 'Answer at once, or as slowly as the backend did',
  }),
  allowMisses: z.boolean().default(false).meta({ description: 'Let the exit code be CMD’s even if requests missed' }),
};
