import type { S3Bucket } from './s3-bucket.js';

export const pointerName = 'current.json';
export const harName = 'recording.har';

/** What a listing shows of one test, without any content: keys in their order, with their ETags ('' where the server says none). */
export interface ListedTest {
  segment: string;
  pointers: { key: string; etag: string }[];
  hars: { key: string; etag: string }[];
}

/** The tests in a folder whose segments begin with `begin`, from one flat listing: 1,000 objects for each question. Holds one test at a time. */
export async function* listedTests(
  bucket: Pick<S3Bucket, 'list'>,
  folder: string,
  begin = '',
): AsyncGenerator<ListedTest, void, undefined> {
  let test: ListedTest | undefined;
  for await (const { key, etag } of bucket.list(`${folder}/${begin}`)) {
    const [segment = '', version, ...path] = key.slice(folder.length + 1).split('/');
    if (version === undefined) continue;
    if (segment !== test?.segment) {
      if (test !== undefined) yield test;
      test = { segment, pointers: [], hars: [] };
    }
    if (path.length === 1 && path[0] === pointerName) test.pointers.push({ key, etag });
    if (path.length === 2 && path[1] === harName) test.hars.push({ key, etag });
  }
  if (test !== undefined) yield test;
}

/** Whether both are known, and are the same; some servers put quotes around them in one response and not in another. */
export function sameEtag(a: string | undefined, b: string | undefined): boolean {
  const [bareA, bareB] = [a, b].map((etag) => etag?.replaceAll('"', '') ?? '');
  return bareA !== '' && bareA === bareB;
}
