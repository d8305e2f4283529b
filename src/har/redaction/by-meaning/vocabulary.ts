/*
 * The words by which names of secrets are taken apart and judged. A name is judged by its last word that says anything
 * (`password_hash` is of a password, `password_length` is a length), and by what stands before it.
 */

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** What people choose or type: secrets however short they are. */
export const typed = words(`
  password passwords passwd passwds passw pwd pwds passphrase passphrases passcode passcodes pswd psw
  secret secrets mnemonic totp otp hotp cvv cvc cvn csc
  passwort kennwort senha contraseña contrasena wachtwoord lösenord losenord parola hasło haslo heslo salasana jelszó jelszo
  motdepasse пароль 密码 密碼 パスワード 비밀번호
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
  storage shared developer dev sdk rest project team org user device recovery bot integration ingest
`);

/** Words after which a `code` is asked for as a password is. */
export const openingCodes = words(`
  otp totp hotp mfa fa 2fa factor verification verify security auth authentication authorization recovery backup sms reset
  login time access activation invite invitation device pass pairing unlock secret onetime signin passwordless
`);

/** Words after which a `pass` or a `pin` is one that opens something. */
export const owners = words(`
  user users db database smtp imap mysql redis admin ftp root mail email proxy ldap postgres pg login account my new old
  current confirm card sim device security atm access wifi auth sudo http basic smtp sql mongo rabbitmq amqp the
  repeat re retype verify bank debit credit customer client parental
`);

/** What stands behind a name without changing what it is about. */
export const trailing = words(`
  confirmation confirm confirmed again repeat repeated verify retype value values val text txt string str raw plain
  plaintext clear cleartext encoded encrypted hashed hash hashes digest hex base base64 b64 header field input param
  parameter env var new old current data list array prod production dev test testing staging live sandbox backup tmp
  temp primary secondary default legacy next previous in out ro rw admin user
`);

/** What makes a name a yes or no, a number or a rule about a secret. */
export const asking = words(`
  is has have had can should needs need requires require required show hide allow allows allowed enable enabled disable
  disabled use uses with without no must min max minimum maximum invalid wrong missing incorrect weak forgot forgotten
  supports support accepts wants
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
`);

/** All words that names are taken apart into. */
export const knownWords: ReadonlySet<string> = new Set(
  [
    ...[...typed, ...made, ...openingKeys, ...openingCodes, ...owners],
    ...[...trailing, ...asking, ...countedTokens, ...others],
  ].filter((word) => word.length > 1 && !['in', 'no', 'is', 're', 'me', 'at', 'the', 'ro', 'rw', 'out'].includes(word)),
);
