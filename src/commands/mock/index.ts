import { mockAdd } from './add.js';
import { mockChange } from './change.js';
import { mockLs } from './ls.js';
import { mockRm } from './rm.js';

export const mockCommands = [mockAdd, mockChange, mockLs, mockRm];
