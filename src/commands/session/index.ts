import { sessionCreate } from './create.js';
import { sessionLs } from './ls.js';
import { sessionRenew } from './renew.js';
import { sessionRm } from './rm.js';
import { sessionShow } from './show.js';
import { sessionPublish, sessionReject } from './verdict.js';

export const sessionCommands = [
  sessionLs,
  sessionCreate,
  sessionShow,
  sessionRenew,
  sessionPublish,
  sessionReject,
  sessionRm,
];
