import { sessionLs } from './ls.js';
import { sessionRm } from './rm.js';

export const sessionCommands = [sessionLs, sessionRm];
