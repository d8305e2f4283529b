import type { Chance } from './chance.js';

/** How a value looks. `made` by a machine, `typed` by people, `code`: typed once. */
export type Look = 'made' | 'typed' | 'code';

type Make = (chance: Chance) => string;

const made: readonly Make[] = [
  (c) => c.base62(c.between(20, 48)),
  (c) => c.hex(c.oneOf([32, 40, 64])),
  (c) => c.bytes(32).toString('base64url'),
  (c) => c.bytes(c.oneOf([24, 32, 33])).toString('base64'),
  (c) => c.uuid(),
  (c) => `${c.word(2)}_${c.base62(24)}`,
  (c) => `${c.base62(12)}.${c.base62(30)}`,
  (c) => `${c.digits(6)}-${c.base62(22)}`,
  (c) => c.text('ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', 32),
];

const typed: readonly Make[] = [
  (c) => `${c.word(3)}${c.digits(3)}`,
  (c) => `${c.word(2)}-${c.word(2)}-${c.word(3)}-${c.digits(2)}`,
  (c) => c.word(5),
  (c) => `${c.word(1).toUpperCase()}${c.word(3)}${c.digits(2)}${c.oneOf(['!', '$', '*', '.'])}`,
  (c) => c.base62(c.between(12, 24)),
];

/** Characters that codings write otherwise. */
const marked: readonly Make[] = [
  (c) => `${c.word(2)}&${c.word(2)}+${c.digits(3)}`,
  (c) => `${c.word(2)}/"${c.word(2)}"<${c.digits(2)}>`,
  (c) => `${c.word(3)}%${c.digits(2)}=${c.word(2)}`,
  (c) => `${c.word(2)}ü${c.word(2)}ß${c.digits(3)}`,
  (c) => `${c.word(3)}'s\\${c.word(2)}${c.digits(2)}`,
];

const codes: readonly Make[] = [
  (c) => c.digits(6),
  (c) => c.digits(8),
  (c) => `${c.text('ABCDEFGHJKMNPQRSTVWXYZ', 4)}${c.digits(2)}-${c.digits(2)}${c.text('ABCDEFGHJKMNPQRSTVWXYZ', 3)}`,
];

/** `plain`: only characters that stand everywhere as they are. */
export function secretValue(look: Look, chance: Chance, { plain }: { plain: boolean }): string {
  if (look === 'code') return chance.oneOf(codes)(chance);
  if (look === 'made') return chance.oneOf(plain ? made.filter((_, i) => i !== 3) : made)(chance);
  return chance.oneOf(plain || chance.yes(0.7) ? typed : marked)(chance);
}

/** What stands beside a name that only looks like one of a secret. */
export function innocentValue(chance: Chance): string {
  const any: readonly Make[] = [
    ...made,
    (c) => `${c.word(2)}-${c.word(3)}`,
    (c) => c.digits(c.between(1, 12)),
    (c) => `com.${c.word(2)}.${c.word(3)}.${c.word(2).toUpperCase()}Service`,
    (c) => `/${c.word(2)}/${c.word(3)}/v${c.digits(1)}/${c.hex(8)}.js`,
  ];
  return chance.oneOf(any)(chance);
}
