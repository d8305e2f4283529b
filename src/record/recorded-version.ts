import { UserPattern } from '../core/user-pattern.js';
import { z } from 'zod';
import { header } from '../http/index.js';
import type { JournalReader } from './journal-reader.js';

/**
 * Where requests say the app's version: a header or a query parameter, and what of its value is the version (first
 * group, or all).
 */
const appVersionSource = z.object({
  header: z.string().min(1).optional(),
  query: z.string().min(1).optional(),
  pattern: z.string().optional(),
});

/**
 * The app version that the recorded requests say; undefined when its session was not told to look for it, or none says
 * it.
 */
export async function recordedVersion(reader: JournalReader): Promise<string | undefined> {
  const source = appVersionSource.safeParse(reader.meta.info.appVersionFrom).data;
  if (source === undefined) return undefined;
  const pattern = UserPattern.parse(source.pattern ?? '^.+$');
  for await (const { record } of reader.entries()) {
    const { headers, url } = record.request;
    const values = [
      source.header === undefined ? undefined : header(headers, source.header),
      source.query === undefined || !URL.canParse(url) ? undefined : new URL(url).searchParams.get(source.query),
    ];
    for (const value of values) {
      const match = pattern?.exec(value ?? '');
      const version = (match?.[1] ?? match?.[0])?.trim();
      if (version !== undefined && version !== '') return version;
    }
  }
  return undefined;
}
