import { recordingsLs } from './ls.js';
import { recordingsPromote } from './promote.js';
import { recordingsPush } from './push.js';
import { recordingsRm } from './rm.js';
import { recordingsScan } from './scan.js';
import { recordingsShow } from './show.js';

export const recordingsCommands = [
  recordingsLs,
  recordingsShow,
  recordingsPromote,
  recordingsRm,
  recordingsPush,
  recordingsScan,
];
