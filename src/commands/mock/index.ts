import { mockAdd } from './add.js';
import { mockLs } from './ls.js';
import { mockRm } from './rm.js';

export const mockCommands = [mockAdd, mockLs, mockRm];
