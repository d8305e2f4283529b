import { readFile } from 'node:fs/promises';
import { messageOf, UsageError } from '../../errors/index.js';

/** The text of the file that a flag names. Throws `UsageError`, naming both. */
export async function readNamedFile(
  flag: string,
  file: string,
  encoding: 'latin1' | 'utf8' = 'latin1',
): Promise<string> {
  try {
    return await readFile(file, encoding);
  } catch (error) {
    throw new UsageError(`${flag}: ${file} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}
