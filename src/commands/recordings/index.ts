import { recordingsLs } from './ls.js';
import { recordingsPush } from './push.js';
import { recordingsRm } from './rm.js';
import { recordingsScan } from './scan.js';
import { recordingsShow } from './show.js';

export const recordingsCommands = [recordingsLs, recordingsShow, recordingsRm, recordingsPush, recordingsScan];
