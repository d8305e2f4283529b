import type { Chance } from './chance.js';
import type { Look } from './values.js';

/** A kind of secret that a name tells: its words, and how its values look. */
export interface NamedKind {
  words: string;
  look: Look;
}

const kindsOf = (look: Look, words: string): NamedKind[] => words.split(', ').map((each) => ({ words: each, look }));

/** What services and programs call their secrets, many of them in words that no rule lists as such. */
export const namedKinds: readonly NamedKind[] = [
  ...kindsOf(
    'typed',
    'password, passwd, pass word, user password, db password, pass phrase, passphrase, passcode, pwd, pw, pass, user pass, smtp pass, login pass, new password, current password, old password, confirm password, password confirmation, password again, master password, admin password, wifi password, wifi key, wpa passphrase, pre shared key, psk, keystore password, vault password, sudo password, root pwd, secret, shared secret, secret word, secret phrase, seed phrase, recovery phrase, mnemonic phrase, mnemonic, security answer, secret answer, encryption passphrase, password value, plain password, secret text, credentials password, basic auth password, proxy password, unlock password',
  ),
  ...kindsOf(
    'typed',
    'passwort, benutzer passwort, kennwort, contraseña, contrasena, mot de passe, motdepasse, senha, wachtwoord, lösenord, adgangskode, passord, salasana, parola, hasło, heslo, jelszó, şifre, kata sandi, mật khẩu, пароль, 密码, 密碼, パスワード, 비밀번호, 암호, סיסמה, पासवर्ड, รหัสผ่าน, كلمة المرور, lozinka, kodeord',
  ),
  ...kindsOf(
    'made',
    'token, access token, refresh token, id token, auth token, bearer token, session token, security token, csrf token, xsrf token, csrf, authenticity token, api token, bot token, push token, device token, registration token, invite token, reset token, verification token, confirmation token, activation token, magic link token, unsubscribe token, upload token, download token, share token, job token, deploy token, personal access token, one time token, remember token, remember me token, login token, identity token, client token, service token, logout token, subject token, actor token, sas token, private token, vault token',
  ),
  ...kindsOf(
    'made',
    'api key, apikey, api secret, api secret key, access key, secret key, secret access key, private key, signing key, signing secret, encryption key, decryption key, master key, account key, client secret, client key, consumer secret, app secret, app key, application key, subscription key, webhook secret, webhook signing secret, hmac key, hmac secret, service account key, server key, functions key, host key, license key, storage account key, shared access key, shared access signature, admin key, root key, recovery key, ssh key, deploy key, jwt, jwt secret, jws, bearer, session id, session key, session secret, session, sess, sid, php sess id, jsession id, auth, authorization, auth key, auth secret, credential, credentials, signature, request signature, x amz signature, sig, hmac, session ticket, auth ticket, login ticket, ticket granting ticket, client assertion, saml response, saml assertion, device secret, bot secret, oauth secret, oauth token secret, cookie secret, jwt signing key, aes key, rsa private key, key secret, secret value, project api key, team api key, rest api key, x functions key, ocp apim subscription key, x api key, private key pem, connection secret, storage key, ingest key, write key, integration key',
  ),
  ...kindsOf(
    'code',
    'otp, one time password, one time code, totp, totp code, mfa code, two factor code, 2fa code, sms code, verification code, login code, auth code, security code, access code, recovery code, backup code, activation code, device code, invite code, reset code, pin, card pin code, user pin, card pin, cvv, cvc, cvv2, card verification value, card security code, card number, confirmation code, unlock code, passcode, pairing code',
  ),
];

/** Names that look like those of secrets and are none; any value may stand beside them. */
export const innocentNames: readonly string[] =
  'sort key, keyboard, keyword, keywords, monkey, turkey, donkey, journey, hockey, whiskey, key, key id, kid, cache key, primary key, foreign key, partition key, object key, public key, publishable key, idempotency key, row key, translation key, key name, key type, hot key, foreign key name, author, authors, author id, authority, authored by, authenticity score, authentication method, auth type, auth provider, auth url, token type, token count, tokenizer, tokens used, prompt tokens, completion tokens, max tokens, total tokens, next page token, page token, continuation token, sync token, next token, cursor, token endpoint, token name, token id name, design tokens, password policy, password hint, password reset url, password changed at, password length, min password length, has password, password strength, password required, password expires at, passenger, passengers, passport, passport country, compass, bypass, pass rate, passed, pass count, secretary, secret name, secret id name, session count, session duration, sessions, session start, assessment, possession, obsession, signature method, signature required, signature algorithm, signal, design, designer, signup url, assignee, country code, currency code, zip code, postal code, error code, status code, exit code, language code, product code, bar code, qr code url, promo code, coupon code, source code, color code, airport code, code, pinned, pinterest, spin, shipping, opinion, credits, credit limit, discredit, card type, card brand, postcard, cookie policy, cookie consent, cookie name, answer count, answers, answer, phrase count, catch phrase, trace id, request id, correlation id, etag, digest, checksum, sha256, commit sha, build id, client id, account id, tenant id, user id, order id, device id, session name, siding, residence, cred score, jwks uri, csrf header name, oauth client id, otp required, otp length, mfa enabled, sms enabled, pin length, secret count, secret version, authorization url, authorization endpoint, bearer format, sig figs, signed at, signature count, remember, member, december, wordpress, passive, passage, hmac algorithm, certificate, thumbprint, fingerprint, nonce count'.split(
    ', ',
  );

/** Words that a project puts before or after a name. */
const before =
  'my db user smtp stripe partner github mqtt billing acme ldap legacy prod upstream tenant legacyCrm'.split(' ');
const after = '2 v2 prod new old value str field param input raw'.split(' ');

type Spell = (words: readonly string[]) => string;
const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

const spellings = {
  snake: (words) => words.join('_'),
  kebab: (words) => words.join('-'),
  dotted: (words) => words.join('.'),
  camel: (words) => words.map((word, i) => (i === 0 ? word : capital(word))).join(''),
  pascal: (words) => words.map(capital).join(''),
  screaming: (words) => words.join('_').toUpperCase(),
  joined: (words) => words.join('').toLowerCase(),
  train: (words) => words.map(capital).join('-'),
  spaced: (words) => words.join(' '),
  bracketed: (words) => (words.length === 1 ? words.join('') : `${words[0] ?? ''}[${words.slice(1).join('_')}]`),
} satisfies Record<string, Spell>;
export type Spelling = keyof typeof spellings;

/** Spellings that stand in a place. */
export const spellingsOf = {
  /** A header or a cookie. */
  header: ['kebab', 'train', 'snake', 'camel', 'pascal'],
  /** A name in a program. */
  identifier: ['snake', 'camel', 'pascal', 'screaming', 'joined'],
  field: ['snake', 'camel', 'pascal', 'screaming', 'kebab', 'dotted', 'joined'],
  key: ['snake', 'camel', 'pascal', 'screaming', 'kebab', 'dotted', 'joined', 'spaced'],
  parameter: ['snake', 'camel', 'pascal', 'screaming', 'kebab', 'dotted', 'joined', 'bracketed'],
} satisfies Record<string, readonly Spelling[]>;
export type NameForm = keyof typeof spellingsOf;

/** A name of a kind in one of the spellings, with what a project adds to it. */
export function spelledName(words: string, form: NameForm, chance: Chance, addShare = 0.5): string {
  const spelling = chance.oneOf<Spelling>(spellingsOf[form]);
  const all = [
    ...(chance.yes(addShare) ? [chance.yes(0.25) ? chance.word(3) : chance.oneOf(before)] : []),
    ...words.split(' '),
    ...(chance.yes(addShare / 4) ? [chance.oneOf(after)] : []),
  ];
  // small letters that run into each other are words again only where each is known
  const isOwn = spelling === 'joined' && all.length > words.split(' ').length;
  return spellings[isOwn ? 'snake' : spelling](all);
}
