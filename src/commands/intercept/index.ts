import { interceptLs } from './ls.js';
import { interceptAll, interceptExcept, interceptOnly } from './set.js';

export const interceptCommands = [interceptLs, interceptOnly, interceptExcept, interceptAll];
