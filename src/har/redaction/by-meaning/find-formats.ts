import { forLongTexts } from '../../../core/for-long-texts.js';
import { percentCoding, throughCoding } from './coded-text.js';
import { jwe, jwt, mayHoldFormat, secretFormats } from './formats.js';

const formats = secretFormats.map(({ name, hint, pattern: short }) => {
  const pattern = forLongTexts(short);
  return {
    ...{ name, pattern, hint: new RegExp(hint) },
    // beside a text in a binary message stand its length and the tag of what follows, which may look like letters
    binary: new RegExp(pattern.source.replace(/^\(\?<![^)]*\)/, '').replace(/\(\?!\[[^\]]*\]\)$/, ''), pattern.flags),
  };
});

/** Line ends within a key, as they stand and as JSON says them. */
const lineEnds = /\\+[nrt]|\s+|\\/g;

interface Found {
  isBinary?: boolean;
  replace: (where: string, secret: string) => string;
}

/** Secrets that their format gives away, wherever they stand. */
export function redactFormats(text: string, { isBinary = false, replace }: Found): string {
  if (!mayHoldFormat.test(text)) return text;
  let replaced = text;
  if (text.includes('eyJ')) {
    replaced = replaced
      .replace(jwt, (_, claims: string, signature: string) => claims + replace('jwt signature', signature))
      .replace(jwe, (_, head: string, rest: string) => head + replace('pattern', rest));
  }
  for (const { name, hint, pattern, binary } of formats) {
    if (!hint.test(replaced)) continue;
    replaced = replaced.replace(isBinary ? binary : pattern, (all: string, ...rest: unknown[]) => {
      const groups = rest.at(-1);
      const secret = (isObject(groups) && groups.secret) || all;
      const at = all.lastIndexOf(secret);
      const own = isBinary && secret === all ? ofItsLength(all, rest, replaced) : secret;
      return all.slice(0, at) + redactOne(name, own, replace) + all.slice(at + own.length);
    });
  }
  return replaced;
}

function redactOne(format: string, secret: string, replace: (where: string, secret: string) => string): string {
  if (format === 'password in a URL') {
    return throughCoding(secret, percentCoding, (plain) => replace('pattern', plain));
  }
  if (format !== 'private key') return replace('pattern', secret);
  const characters = Array.from(replace('pattern', secret.replace(lineEnds, '')));
  const ends = secret.match(lineEnds) ?? [];
  return secret
    .split(lineEnds)
    .map((line, i) => characters.splice(0, line.length).join('') + (ends[i] ?? ''))
    .join('');
}

/** Of a text in a binary message: as much as the length before it says, where that is less. */
function ofItsLength(found: string, rest: readonly unknown[], text: string): string {
  const at = rest.find((each): each is number => typeof each === 'number') ?? 0;
  const length = text.charCodeAt(at - 1);
  return length >= 16 && length < found.length ? found.slice(0, length) : found;
}

function isObject(value: unknown): value is Record<string, string | undefined> {
  return typeof value === 'object' && value !== null;
}
