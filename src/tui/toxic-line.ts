import type { AddToxicRequest } from '../api/schemas.js';
import { parseProbability } from '../core/units.js';
import { UsageError } from '../errors/index.js';
import { streamSchema } from '../toxics/toxic.js';
import { toxicDefinitions, type ToxicDefinition } from '../toxics/index.js';

/**
 * What is typed after `proxyctl toxic`, as a request: `latency 300ms --jitter 50ms --stream upstream`. The attributes
 * stay text: the API reads them, and says what is wrong with them. Throws `UsageError`.
 */
export function parseToxicLine(line: string): AddToxicRequest {
  const [type, ...words] = line.trim().split(/\s+/);
  const definition = toxicDefinitions.find((candidate) => candidate.type === type);
  if (definition === undefined) {
    throw new UsageError(`There is no toxic "${type ?? ''}"`, {
      hint: `There are: ${toxicDefinitions.map((known) => known.type).join(', ')}.`,
    });
  }
  const request: AddToxicRequest = { type: definition.type, attributes: {} };
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    if (!word.startsWith('--')) {
      addArgument(request, definition, word);
      continue;
    }
    const [flag = '', inline] = word.slice(2).split(/=(.*)/s);
    const value = inline ?? words[(index += 1)];
    if (value === undefined || value === '') throw new UsageError(`--${flag} needs a value`);
    addFlag(request, definition, flag, value);
  }
  return request;
}

function addArgument(request: AddToxicRequest, { type, argument }: ToxicDefinition, word: string): void {
  if (argument === undefined) throw new UsageError(`${type} takes no value, and "${word}" was given`);
  if (request.attributes?.[argument] !== undefined) {
    throw new UsageError(`${type} takes one value, and "${word}" is a second one`, { hint: 'Others follow a --name.' });
  }
  request.attributes = { ...request.attributes, [argument]: word };
}

/** As the command line has them. */
const shortStreams: Readonly<Record<string, string>> = { up: 'upstream', down: 'downstream' };

/** Flags that say where a toxic acts; those that have no direction have only a name. */
function placeFlags({ streams }: ToxicDefinition): string[] {
  return streams === 'none' ? ['name'] : ['stream', 'toxicity', 'name'];
}

function addFlag(request: AddToxicRequest, definition: ToxicDefinition, flag: string, value: string): void {
  const isPlace = placeFlags(definition).includes(flag);
  if (isPlace && flag === 'stream') {
    const stream = streamSchema.safeParse(shortStreams[value] ?? value);
    if (!stream.success) {
      throw new UsageError(`"${value}" is no direction`, { hint: `Write --stream up|down|both.` });
    }
    request.stream = stream.data;
  } else if (isPlace && flag === 'toxicity') request.toxicity = parseProbability(value);
  else if (isPlace) request.name = value;
  else {
    const attribute = flag.replaceAll('-', '_');
    if (!(attribute in definition.attributes.shape)) {
      const known = [...Object.keys(definition.attributes.shape), ...placeFlags(definition)];
      throw new UsageError(`${definition.type} has no --${flag}`, {
        hint: `It has: ${known.map((name) => `--${name.replaceAll('_', '-')}`).join(', ')}.`,
      });
    }
    request.attributes = { ...request.attributes, [attribute]: value };
  }
}
