/** What is too short to hold a name and a value, or too long to be a text that somebody put into another. */
const run = /(?<![\w+/.-])[A-Za-z0-9+/_-]{20,65536}={0,2}(?![\w+/.=-])/g;
const printable = /^[\t\n\r\x20-\x7e\u00a0-\ufffc]*$/;

type Encode = (text: string) => string;

/** The ways to write Base64 (RFC 4648 §4 and §5), with the one first that loses nothing where several may be meant. */
const encodings: readonly Encode[] = [
  (text) => Buffer.from(text).toString('base64url'),
  (text) => Buffer.from(text).toString('base64'),
  (text) => Buffer.from(text).toString('base64').replace(/=+$/, ''),
  (text) => Buffer.from(text).toString('base64').replaceAll('+', '-').replaceAll('/', '_'),
];

/** Changes texts that stand in another one as Base64; each is written as it was. */
export function changeBase64Texts(text: string, change: (plain: string) => string): string {
  if (text.length < 20) return text;
  return text.replace(run, (written) => {
    // most runs are ids and digests: what they begin with is no text
    if (!printable.test(Buffer.from(written.slice(0, 8), 'base64').toString('latin1'))) return written;
    const plain = Buffer.from(written, 'base64').toString('utf8');
    const encode = printable.test(plain) ? encodings.find((each) => each(plain) === written) : undefined;
    return encode?.(change(plain)) ?? written;
  });
}
