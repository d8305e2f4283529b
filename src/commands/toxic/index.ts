import { toxicDefinitions } from '../../toxics/index.js';
import { toxicLs } from './ls.js';
import { toxicReset } from './reset.js';
import { toxicRm } from './rm.js';
import { toxicCommand } from './toxic-command.js';

export const toxicCommands = [...toxicDefinitions.map(toxicCommand), toxicLs, toxicRm, toxicReset];
