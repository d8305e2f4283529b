import { expect, test } from 'vitest';
import { meaningOfName } from '../../../src/har/redaction/by-meaning/meaning-of-name.js';

test.each(
  (
    'password PASSWORD db_password dbPassword DB-PASSWORD user[password] userpassword acmepassword spring.datasource.password newPassword ' +
    'passwordConfirmation password_confirmation password2 password_hash hashedPassword passwords clientSecret client_secret CLIENTSECRET ' +
    'app.client-secret webhookSecret passphrase pwd sudo_pass pass passwd rootpasswd seedPhrase security_answer Passwort пароль 密码 secretValue'
  ).split(' '),
)('%s names what people type', (name) => {
  expect(meaningOfName(name)).toBe('typed');
});

test.each(
  (
    'token accessToken ACCESS_TOKEN x-amz-security-token csrfmiddlewaretoken authenticity_token __RequestVerificationToken tokens ' +
    'sessKey sesskey api_key apikey APIKey xAPIkey X-Api-Key Ocp-Apim-Subscription-Key secretAccessKey privateKey signing_key masterKey ' +
    'PHPSESSID JSESSIONID connect.sid sid session session_id sessionId sessionIDs ASP.NET_SessionId jwt bearer X-Hub-Signature-256 sig ' +
    'credential credentials xsrf authorization X-Auth remember_me rememberMe id_token refreshtoken secret_id auth_key stripeApiKey'
  ).split(' '),
)('%s names what a machine made', (name) => {
  expect(meaningOfName(name)).toBe('made');
});

test.each(
  'otp totpCode pin card_pin cvv cvc2 otp_code mfaCode verification_code 2fa_code card_number cardnumber'.split(' '),
)('%s names a code', (name) => {
  expect(meaningOfName(name)).toBe('code');
});

test.each(
  (
    'keyboard monkey tokenizer tokens_used max_tokens maxTokens tokenCount token_count totalTokens prompt_tokens public_key publicKey ' +
    'passenger passport passport_number secretary pin_code pincode author authority authentic sort_key primary_key foreignKey partition-key ' +
    'keyword keywords cache_key page_token nextToken next_page_token continuationToken hasPassword has_token password_expires_at ' +
    'passwordLength token_type tokenType expires_in grant_type auth_method session_count key id name user username code state nonce ' +
    'spinner shipping compass bypass hockey turnkey hotkey donkey compassion obsession possession signature_method method_signature ' +
    'aws_access_key_id key_id client_id clientId csrf_enabled secret_name secretRef idempotency_key Sec-WebSocket-Key password_url ' +
    'forgot_password_url card cardholder X-Amz-Credential account_sid password_policy is_secret showPassword Authorization-Hint pinned ' +
    'passive passage assign design authored cookiePolicy eos_token sync_token require_password email_signature discount barcode zip_code'
  ).split(' '),
)('%s names no secret', (name) => {
  expect(meaningOfName(name)).toBeUndefined();
});
