import { redirectAdd } from './add.js';
import { redirectLs } from './ls.js';
import { redirectRm } from './rm.js';

export const redirectCommands = [redirectAdd, redirectLs, redirectRm];
