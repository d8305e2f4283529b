import { linkLs } from './ls.js';
import { linkOff } from './off.js';
import { linkPlay } from './play.js';
import { linkSet } from './set.js';

export const linkCommands = [linkSet, linkPlay, linkLs, linkOff];
