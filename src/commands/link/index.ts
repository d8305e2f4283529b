import { linkLs } from './ls.js';
import { linkOff } from './off.js';
import { linkSet } from './set.js';

export const linkCommands = [linkSet, linkLs, linkOff];
