import { z } from 'zod';
import { specShape } from './session-options/index.js';

/**
 * All that makes a session what it is: plain data, so that the supervisor can keep it, hand it to the MITM process, and
 * set the session up again after a restart. The ports are filled in once they are known and stay the same from then on.
 * Its keys are the options that `session-options/` declares.
 */
export const sessionSpec = z.object(specShape);
export type SessionSpec = z.infer<typeof sessionSpec>;
