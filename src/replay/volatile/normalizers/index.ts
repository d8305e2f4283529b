import { memoizeText } from '../../../core/memoize.js';
import { appVersion } from './app-version.js';
import { cacheBusters } from './cache-busters.js';
import { calendarWords } from './calendar-words.js';
import { canonicalName, hasLongWord, type Normalizer, type NormalizerContext } from './define-normalizer.js';
import { jwtSignatures } from './jwt-signatures.js';
import { loopbackPorts } from './loopback-ports.js';
import { nonces } from './nonces.js';
import { pkce } from './pkce.js';
import { randomFractions } from './random-fractions.js';
import { randomWords } from './random-words.js';
import { signatures } from './signatures.js';
import { signingScopes } from './signing-scopes.js';
import { snowflakes } from './snowflakes.js';
import { times } from './times.js';
import { tokens } from './tokens.js';
import { ulids } from './ulids.js';
import { uuids } from './uuids.js';

export {
  canonicalName,
  hasLongWord,
  type Normalizer,
  type NormalizerContext,
  type NormalizerTraits,
  type VolatileKind,
} from './define-normalizer.js';

/** Every normalizer; where two find the same characters, the first has them. */
export const normalizers: readonly Normalizer[] = [
  cacheBusters,
  nonces,
  pkce,
  jwtSignatures,
  signatures,
  signingScopes,
  appVersion,
  loopbackPorts,
  uuids,
  ulids,
  times,
  calendarWords,
  snowflakes,
  tokens,
  randomWords,
  randomFractions,
];

interface NormalizersOfName {
  /** Those that may find something in a field of this name, in their order. */
  any: readonly Normalizer[];
  /** Those that may find something in a value without a long word. */
  wordless: readonly Normalizer[];
  canonical: string;
  /** Of `wordless`; undefined when some of them have none. */
  mayMatches: readonly NonNullable<Normalizer['mayMatch']>[] | undefined;
}

/** The normalizers that may find something in a field, by its name. */
export const normalizersFor = memoizeText((name): NormalizersOfName => {
  const canonical = canonicalName(name);
  const any = normalizers.filter(({ names }) => names === undefined || names(canonical));
  const wordless = any.filter(({ needsLongWord }) => needsLongWord !== true);
  const mayMatches = wordless.flatMap(({ mayMatch }) => (mayMatch === undefined ? [] : [mayMatch]));
  return { any, wordless, canonical, mayMatches: mayMatches.length < wordless.length ? undefined : mayMatches };
});

/** Whether no normalizer finds anything in this value, as far as a glance tells: in most it does. Rules aside. */
export function isPlainWord(name: string, value: string, context: NormalizerContext): boolean {
  const { canonical, mayMatches } = normalizersFor(name);
  if (mayMatches === undefined) return false;
  for (const mayMatch of mayMatches) if (mayMatch(canonical, value, context)) return false;
  return !hasLongWord(value);
}
