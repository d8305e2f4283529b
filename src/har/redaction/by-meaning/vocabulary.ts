/*
 * The words by which names of secrets are taken apart and judged. A name is judged by its last word that says anything
 * (`password_hash` is of a password, `password_length` is a length), and by what stands before it.
 */

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** What people choose or type: secrets however short they are. */
export const typed = words(`
  password passwords passwd passwds passw pwd pwds passphrase passphrases passcode passcodes pswd psw
  secret secrets mnemonic totp otp hotp cvv cvc cvn csc pw pword psk
  passwort passwörter kennwort senha contraseña contrasena contrasenya contrasinal motdepasse wachtwoord wagwoord
  lösenord losenord passord kodeord adgangskode lykilorð salasana parool parole parola hasło haslo heslo geslo lozinka
  jelszó jelszo slaptažodis slaptazodis şifre sifre fjalëkalim pasahitza пароль парола гасло лозинка סיסמה סיסמא
  密码 密碼 口令 パスワード 暗証番号 비밀번호 암호 पासवर्ड รหัสผ่าน گذرواژه پاسورد
`);

/** Names of a password that are several words: the last one, and what stands before it. */
export const typedPairs: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['word', words('pass secret code')],
  ['words', words('secret seed recovery')],
  ['passe', words('de')],
  ['sandi', words('kata')],
  ['khẩu', words('mật')],
  ['laluan', words('kata')],
  ['المرور', words('كلمة')],
  ['السر', words('كلمة')],
  ['عبور', words('رمز')],
  ['πρόσβασης', words('κωδικός')],
  ['phrase', words('seed recovery secret pass backup wallet mnemonic key')],
  ['answer', words('secret security')],
]);

/** What a server gives out once somebody has proved who he is: the last word, and what stands before it. */
export const madePairs: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['ticket', words('auth authentication login session sso granting service access kerberos cas security refresh')],
  ['assertion', words('client saml saml2 jwt user subject actor oauth sso identity')],
  ['response', words('saml saml2')],
  ['id', words('session sess jsession phpsess aspsession secret')],
  ['ids', words('session sess secret')],
  ['me', words('remember')],
]);

/** What is called a pass or a pin and opens no account: things that are shown, pushed, soldered or gone through. */
export const otherPasses = words(`
  boarding season day ski bus transit monthly annual free render shader first second third fourth single multi low high
  band all sur under over hall gate back mountain test tests rate battle event guest hour one two three
`);
export const otherPins = words(`
  map gpio push reset led tx rx sda scl clock mosi miso io hat drawing board bowling location marker tie input output
  in out digital analog power ground pwm bit postal zip area
`);

/** What machines make: secrets where the value looks made. */
export const made = words(`
  token tokens jwt jwts jws bearer csrf xsrf signature signatures sig hmac credential credentials creds cred
  authorization auth sess session sessid phpsessid jsessionid aspsessionid sid apikey apikeys authkey sesskey rememberme
`);

/** Words after which `key` is one that opens something. */
export const openingKeys = words(`
  api access private secret signing sign signature encryption encrypt encrypting decryption decrypt decrypting client auth
  authentication authorization session sess master account service admin root subscription app application consumer
  webhook hook deploy ssh rsa ecdsa hmac aes jwt token server functions host license licence vault wallet
  storage shared developer dev sdk rest project team org user device recovery bot integration ingest write wifi wpa
  wep wlan network preshared vpn cookie
`);

/** Words after which a `code` is asked for as a password is. */
export const openingCodes = words(`
  otp totp hotp mfa fa 2fa factor verification verify security auth authentication authorization recovery backup sms reset
  login time access activation invite invitation device pass pairing unlock secret onetime signin passwordless
  confirmation confirm card cvv cvc
`);

/** What stands behind a name without changing what it is about. */
export const trailing = words(`
  confirmation confirm confirmed again repeat repeated verify retype value values val text txt string str raw plain
  plaintext clear cleartext encoded encrypted hashed hash hashes digest hex base base64 b64 header field fields input param
  parameter env var pem der jwk new old current data list array prod production dev test testing staging live sandbox backup tmp
  temp primary secondary default legacy next previous in out ro rw admin user v
`);

/** What makes a name a yes or no, a number or a rule about a secret. */
export const asking = words(`
  is has have had can should needs need requires require required show hide allow allows allowed enable enabled disable
  disabled use uses with without no must min max minimum maximum invalid wrong missing incorrect weak forgot forgotten
  supports support accepts wants failed remaining
`);

/** What makes a `token` a place in a list, a piece of text or a kind of thing. */
export const countedTokens = words(`
  page pagination paging next prev previous continuation continue cursor sync delta skip resume marker start starting
  last offset position nextpage pagetoken max min total prompt completion input output cached used usage reasoning num
  number count limit budget bos eos pad unk mask sep cls stop audio thinking idempotency nft erc lex syntax design
  color spacing tokens
`);

const others = words(`
  public publishable sort primary foreign partition cache unique index row hash object websocket socket
  key keys code codes id ids pin pins pass number num phrase answer cookie cookies set remember me x www
  type types name names count counts length size expires expiry expiration at ttl date time hint policy url uri path ref
  reset change changed updated created status state mode method scheme format version index endpoint
  request response refresh id access api client server oauth oauth2 grant card credit debit cc seed wallet saml
  middleware authenticity antiforgery verification anti forgery http https aws amz goog google azure github gitlab slack stripe
  db smtp user admin my new old tenant bearer bot hub php asp net connect security personal consumer
  users database mysql redis ftp root mail email proxy ldap postgres pg current sim atm sudo basic sql mongo rabbitmq amqp
  repeat retype verify bank debit customer client parental
  word words ticket tickets assertion granting saml mot de passe kata sandi two
`);

/** All words that names are taken apart into. */
export const knownWords: ReadonlySet<string> = new Set(
  [
    ...[...typed, ...made, ...openingKeys, ...openingCodes],
    ...[...trailing, ...asking, ...countedTokens, ...others, ...[...typedPairs, ...madePairs].flatMap(wordsOfPair)],
  ].filter(
    (word) => word.length > 1 && !['in', 'no', 'is', 're', 'me', 'at', 'the', 'ro', 'rw', 'out', 'de'].includes(word),
  ),
);

function wordsOfPair([last, before]: [string, ReadonlySet<string>]): string[] {
  return [last, ...before];
}

/** Words of which each name of a secret holds one, be it within another. */
export const tellingWords: readonly string[] = shortest([
  ...[...typed, ...made].filter((word) => word.length > 2 || word === 'pw' || !/^[a-z]*$/.test(word)),
  ...[...typedPairs.keys()].filter((word) => !/^[a-z]*$/.test(word)),
  ...['key', 'code', 'pin', 'pass', 'card', 'sess', 'cookie', 'remember', 'phrase', 'answer', 'saml'],
  ...['assertion', 'ticket', 'seed', 'recovery', 'sandi', 'laluan'],
]);

/** Those that hold none of the others. */
function shortest(words: readonly string[]): string[] {
  return [...new Set(words)].filter((word) => !words.some((other) => other !== word && word.includes(other)));
}
