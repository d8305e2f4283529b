import { caExport } from './export.js';
import { caPath } from './path.js';
import { caShow } from './show.js';
import { caTrust } from './trust.js';

export const caCommands = [caPath, caShow, caExport, caTrust];
