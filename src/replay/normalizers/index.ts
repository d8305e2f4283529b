import { memoizeText } from '../../core/memoize.js';
import { appVersion } from './app-version.js';
import { cacheBusters } from './cache-busters.js';
import { canonicalName, type Normalizer } from './define-normalizer.js';
import { jwtSignatures } from './jwt-signatures.js';
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
  longWord,
  type Normalizer,
  type NormalizerContext,
  type SlotKind,
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
  uuids,
  ulids,
  times,
  snowflakes,
  tokens,
  randomWords,
  randomFractions,
];

/** Those that may find something in a field of this name, in their order: in any value, and in one without a `longWord`. */
export const normalizersFor = memoizeText((name): Record<'any' | 'wordless', readonly Normalizer[]> => {
  const canonical = canonicalName(name);
  const any = normalizers.filter(({ names }) => names === undefined || names(canonical));
  return { any, wordless: any.filter(({ inLongWords }) => inLongWords !== true) };
});
