import { markupCoding, throughCoding } from './coded-text.js';
import type { Places } from './places.js';
import { isWordy } from './values.js';

const element = /<((?:[\w-]{1,64}:)?([\p{L}_][\p{L}\p{M}\w.-]{1,63}))(?:\s[^<>]{0,1024})?>([^<]{1,8192})<\/\1\s*>/gu;
const dataElement =
  /<((?:[\w-]{1,64}:)?([\p{L}_][\p{L}\p{M}\w.-]{1,63}))(?:\s[^<>]{0,1024})?>\s*<!\[CDATA\[([\s\S]{1,8192}?)\]\]>\s*<\/\1\s*>/gu;
/** XML-RPC's members, and those of property lists. */
const namedValue =
  /<(?:name|key)>\s*([\p{L}\p{M}\w.-]{2,64})\s*<\/(?:name|key)>\s*<(?:value|string)>(?:\s*<string>)?([^<]{1,8192})</gu;
/** A cell of a table, or a term of a list, and the one that follows it. */
const cells =
  /<(?:t[dh]|dt)(?:\s[^<>]{0,256})?>\s*(?:<(?:code|b|strong|tt)>)?([\p{L}\p{M}\w.-]{2,64}):?(?:<\/\w{1,8}>)?\s*<\/(?:t[dh]|dt)>\s*<(?:td|dd)(?:\s[^<>]{0,256})?>\s*(?:<(?:code|b|strong|tt|pre)>)?([^<]{1,8192})</gu;
const tag = /<[A-Za-z][^<>]{8,4096}>/g;
const attribute = /([\p{L}\p{M}\w:.-]{1,64})\s{0,4}=\s{0,4}(?:"([^"]*)"|'([^']*)')/gu;

/** Elements of XML and HTML whose name names a secret, and tags that name one beside its value. */
export function redactMarkup(text: string, places: Places): string {
  if (!text.includes('<')) return text;
  const named = (all: string, name: string, value: string): string => {
    const meaning = places.meaningOf(name);
    if (meaning === undefined || value.trim() === '') return all;
    const [, before = '', inner = '', after = ''] = /^(\s*)([\s\S]*?)(\s*)$/.exec(value) ?? [];
    const redacted = throughCoding(inner, markupCoding, (plain) => places.replace(`xml ${name}`, plain, meaning));
    const at = all.lastIndexOf(value);
    return all.slice(0, at) + before + redacted + after + all.slice(at + value.length);
  };
  return text
    .replace(element, (all, _: string, name: string, value: string) => named(all, name, value))
    .replace(dataElement, (all, _: string, name: string, value: string) => named(all, name, value))
    .replace(namedValue, (all, name: string, value: string) => named(all, name, value))
    .replace(cells, (all, name: string, value: string) =>
      isValueBeside(name, value.trim()) ? named(all, name, value) : all,
    )
    .replace(tag, (all) => redactPair(all, named));
}

/** What a table that describes names says of them. */
const describes =
  /^(?:string|text|number|integer|int|boolean|bool|object|array|date|uuid|password|required|optional|yes|no|none|any|varchar\S*)$/i;

/** Beside a name that only programs have stands a value; beside a word that people read, what is no word. */
function isValueBeside(name: string, value: string): boolean {
  if (/\s/.test(value) || describes.test(value)) return false;
  return /[_\d]|\p{Ll}\p{Lu}/u.test(name) || !isWordy(value) || /\d{2}/.test(value);
}

/** `<input name="password" value="…">`, `<meta name="csrf-token" content="…">`, `<add key="ApiKey" value="…"/>`. */
function redactPair(whole: string, named: (all: string, name: string, value: string) => string): string {
  const attributes = Array.from(whole.matchAll(attribute), ({ 1: name = '', 2: double, 3: single }) => ({
    name: name.toLowerCase(),
    value: double ?? single ?? '',
  }));
  const name = attributes.find((each) => /^(?:name|key|id|property|parameter)$/.test(each.name))?.value;
  const other = attributes.find((each) => /^(?:value|content)$/.test(each.name))?.value;
  if (name === undefined || other === undefined || other === '' || name === other) return whole;
  return named(whole, name, other);
}
