import { recordingsDiff } from './diff.js';
import { recordingsExport } from './export.js';
import { recordingsImport } from './import.js';
import { recordingsLs } from './ls.js';
import { recordingsPromote } from './promote.js';
import { recordingsPrune } from './prune.js';
import { recordingsPull } from './pull.js';
import { recordingsPush } from './push.js';
import { recordingsRm } from './rm.js';
import { recordingsRules } from './rules.js';
import { recordingsScan } from './scan.js';
import { recordingsShow } from './show.js';

export const recordingsCommands = [
  recordingsLs,
  recordingsShow,
  recordingsDiff,
  recordingsRules,
  recordingsPromote,
  recordingsRm,
  recordingsPrune,
  recordingsPush,
  recordingsPull,
  recordingsExport,
  recordingsImport,
  recordingsScan,
];
