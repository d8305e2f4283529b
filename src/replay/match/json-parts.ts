import { eachJsonLeaf } from '../request/body/json-fields.js';
import { expandField, isPlain } from '../request/expand.js';
import { TextsHash, type Field } from '../request/field.js';
import { isPlainWord, type NormalizerContext } from '../volatile/normalizers/index.js';
import { Place } from '../request/place.js';
import type { BodyParts } from './prepared-bodies.js';
import { prepareField, type VolatileValue } from '../volatile/volatile-value.js';
import type { JsonNode } from '../request/text/json-text.js';

/**
 * What looking up and comparing need of JSON: the same as of its fields, without making a field of each leaf. Most of
 * thousands are ordinary values, and count as they are. Rules are not asked.
 */
export function jsonParts(root: JsonNode, context: NormalizerContext): BodyParts {
  const hash = new TextsHash();
  const volatileValues: VolatileValue[] = [];
  const addPrepared = (field: Field, place = Place.of(field.where)): void => {
    const prepared = prepareField(field, context);
    hash.addPlace(place);
    hash.add(field.type);
    hash.add(prepared.template);
    if (prepared.volatileValues.length > 0) volatileValues.push(...prepared.volatileValues);
  };
  eachJsonLeaf(root, (place, name, value, type) => {
    if (type === 'literal' || (isPlain({ where: '', name, value, type }) && isPlainWord(name, value, context))) {
      hash.addPlace(place);
      hash.add(type);
      hash.add(value);
      return;
    }
    const field: Field = { where: place.text, name, value, type };
    if (isPlain(field)) addPrepared(field, place);
    else for (const leaf of expandField(field)) addPrepared(leaf);
  });
  return { key: hash.value(), volatileValues };
}
