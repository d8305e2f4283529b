import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { messageOf, UsageError } from '../../errors/index.js';
import { parseTrace, type LinkTrace } from '../../network/delivery-trace.js';

/** A recorded link from a file that this flag named. Throws `UsageError`. */
export async function readTrace(flag: string, file: string): Promise<LinkTrace> {
  return parseTrace(basename(file), await readText(flag, file));
}

/** Throws `UsageError` when it cannot be read. */
export async function readText(flag: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${flag}: ${file} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}
