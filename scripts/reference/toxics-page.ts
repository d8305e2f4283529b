import { describeAttributes, type AttributeInfo } from '../../src/toxics/attributes.js';
import { toxicDefinitions, type ToxicDefinition } from '../../src/toxics/index.js';
import { pinnedRelease } from '../../supervisor/toxiproxy/provision/index.js';
import { code, codeBlock, list, page, table } from './markdown.js';

/** docs/reference/toxics.md */
export function toxicsPage(): string {
  return page(
    '# Toxics',
    `What can be done to the connections of a session. Those that ${code('toxic ls')} does not call modelled are toxics of Toxiproxy ${pinnedRelease.version}, and behave as there; what is ` +
      'said below of each was read in its source, and most of it is shown by tests. They take effect at once, on open connections too.',
    list([
      '`--stream down` (the default) acts on what the server sends, `up` on what the client sends, `both` adds one of each.',
      '`--toxicity` is the share of connections that it applies to, drawn for each connection and direction.',
      'A toxic without a direction (' +
        toxicDefinitions
          .filter(({ streams }) => streams === 'none')
          .map(({ type }) => code(type))
          .join(', ') +
        ') has neither `--stream` nor `--toxicity`.',
      '`--host PATTERN`: only connections to these hosts meet it (`*` matches any text; a `:port` may follow).',
      '`--after 5s` begins it later, `--for 30s` takes it away again; in JSON `after` and `for`. `toxic ls` shows what waits and what is left.',
      '`--name` is what it is called (else by its type and stream), `--replace` changes the one of that name in place, `--session` says whose it is.',
      'Quantities need their unit (`200kb`, not `200`). In JSON a plain number counts in the unit of the table; text with a unit is ' +
        'taken as well. What Toxiproxy would round is refused.',
      '`kb` is 1000 bytes, and of a rate 1000 bytes per second, as in Toxiproxy; `kbit` and `mbit` are bits.',
    ]),
    table(
      ['toxic', 'does'],
      toxicDefinitions.map(({ type, summary }) => [`[${type}](#${type})`, summary]),
    ),
    ...toxicDefinitions.map(section),
  );
}

function section(definition: ToxicDefinition): string {
  const { type, summary, notes = [], examples } = definition;
  const attributes = describeAttributes(definition);
  return page(
    `## ${type}`,
    `${summary}.`,
    list(notes),
    attributes.length === 0
      ? ''
      : table(
          ['attribute', 'flag', 'meaning', 'unit', 'range', 'default'],
          attributes.map((attribute) => row(definition, attribute)),
        ),
    wireText(definition, attributes),
    codeBlock(examples.map((example) => `proxyctl ${example}`)),
  ).trimEnd();
}

function row({ argument }: ToxicDefinition, attribute: AttributeInfo): string[] {
  const { name, description, placeholder, unit = '', min, max = 0, whole = false } = attribute;
  const flag = name === argument ? `<${placeholder}>` : `--${name.replaceAll('_', '-')} <${placeholder}>`;
  const limits = max === Number.MAX_SAFE_INTEGER ? `${min} or more` : `${min} to ${max}`;
  const range = min === undefined ? '' : `${limits}${whole ? ', whole' : ''}`;
  return [code(name), code(flag), description, unit, range, defaultOf(attribute)];
}

function defaultOf({ default: standard, defaultText, optional }: AttributeInfo): string {
  if (standard !== undefined) return String(standard);
  return defaultText ?? (optional === true ? 'none' : 'required');
}

function wireText(definition: ToxicDefinition, attributes: readonly AttributeInfo[]): string {
  const example = Object.fromEntries(
    attributes.map(({ name, min, default: standard }) => [name, standard ?? min ?? '']),
  );
  const { toxiproxy } = definition;
  if (toxiproxy === undefined) return ownText(definition);
  const [wire] = toxiproxy.toWire(example);
  return wire === undefined
    ? 'In Toxiproxy this is the proxy’s `enabled: false`, not a toxic.'
    : `In Toxiproxy (since ${toxiproxy.since}) this is the toxic ${code(wire.type)} with the same attributes.`;
}

function ownText({ model, onLookup }: ToxicDefinition): string {
  const where =
    model !== undefined
      ? 'a stage of our own behind it'
      : `done in the MITM process, ${onLookup === undefined ? 'where it accepts a connection' : 'where it resolves a name'}`;
  return `Toxiproxy has no such toxic: this is ${where}.`;
}
