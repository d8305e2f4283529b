type Encode = (plain: string) => string;

/** What JSON can say and no percent-encoding can. */
const loneSurrogate = /\p{Surrogate}/u;

/** The ways in which programs write a text that they do not leave as it is. Each writes a placeholder likewise. */
const encodings: readonly Encode[] = [
  ...percentEncodings(),
  (plain) => JSON.stringify(plain).slice(1, -1),
  (plain) => JSON.stringify(plain).slice(1, -1).replaceAll('/', '\\/'),
  (plain) => unicodeEscapes(JSON.stringify(plain).slice(1, -1), /[^\x20-\x7e]/g),
  (plain) => unicodeEscapes(JSON.stringify(plain).slice(1, -1).replaceAll('/', '\\/'), /[^\x20-\x7e]/g),
  (plain) => unicodeEscapes(JSON.stringify(plain).slice(1, -1), /[<>&']/g),
  (plain) => unicodeEscapes(JSON.stringify(plain).slice(1, -1), /[<>&'+=]/g).replace(/\\u[\da-f]{4}/g, upperHex),
  (plain) => JSON.stringify(JSON.stringify(plain).slice(1, -1)).slice(1, -1),
  entities(/[&<>"]/g, named),
  entities(/[&<>"']/g, (one) => (one === "'" ? '&apos;' : named(one))),
  entities(/[&<>"']/g, (one) => (one === "'" ? '&#39;' : named(one))),
  entities(/[&<>"']/g, (one) => (one === "'" ? '&#x27;' : named(one))),
  entities(/[&<>"']/g, (one) => (/["']/.test(one) ? decimal(one) : named(one))),
  entities(/[&<>"'`=/]/g, (one) => names[one] ?? hexadecimal(one).toUpperCase().replace('X', 'x')),
  entities(/[&<>"']/g, decimal),
  entities(/[&<>"']/g, hexadecimal),
  entities(/[&<>"'`=+/@]/g, decimal),
  entities(/[&<>"'`=+/@]/g, hexadecimal),
  (plain) => Buffer.from(plain).toString('hex'),
  (plain) => Buffer.from(plain).toString('hex').toUpperCase(),
  (plain) => Buffer.from(plain).toString('latin1'), // in what is read byte by byte
];

/** The other forms of a secret, each with how it is made; those that look as the secret does are left out. */
export function encodedForms(secret: string): Map<string, Encode> {
  const forms = new Map<string, Encode>();
  if (loneSurrogate.test(secret)) return forms;
  for (const encode of encodings) {
    const form = encode(secret);
    if (form !== secret && !forms.has(form)) forms.set(form, encode);
  }
  return forms;
}

function percentEncodings(): Encode[] {
  const form: Encode = (plain) => new URLSearchParams([['', plain]]).toString().slice(1);
  const component: Encode = (plain) => encodeURIComponent(plain);
  const strict: Encode = (plain) => component(plain).replace(/[!'()*]/g, percent);
  const path: Encode = (plain) =>
    component(plain).replace(/%(?:3A|40|24|26|2B|2C|3B|3D)/g, (one) => decodeURIComponent(one));
  const all: Encode = (plain) => Array.from(Buffer.from(plain), (byte) => percentOf(byte)).join('');
  const lower =
    (encode: Encode): Encode =>
    (plain) =>
      encode(plain).replace(/%[\dA-F]{2}/g, (one) => one.toLowerCase());
  const once = [component, form, strict, path, all];
  const twice = [component, strict].map(
    (encode): Encode =>
      (plain) =>
        component(encode(plain)),
  );
  return [...once, ...once.map(lower), ...twice];
}

function percent(character: string): string {
  return percentOf(character.charCodeAt(0));
}

function percentOf(byte: number): string {
  return `%${byte.toString(16).padStart(2, '0').toUpperCase()}`;
}

function unicodeEscapes(text: string, characters: RegExp): string {
  return text.replace(characters, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function upperHex(escape: string): string {
  return `\\u${escape.slice(2).toUpperCase()}`;
}

const names: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function named(one: string): string {
  return names[one] ?? one;
}

function decimal(one: string): string {
  return `&#${one.charCodeAt(0)};`;
}

function hexadecimal(one: string): string {
  return `&#x${one.charCodeAt(0).toString(16)};`;
}

function entities(characters: RegExp, entity: (one: string) => string): Encode {
  return (plain) => plain.replace(characters, entity);
}
