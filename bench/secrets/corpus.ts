import { Chance } from './chance.js';
import { formatKinds } from './formats.js';
import { innocents } from './innocents.js';
import { innocentNames, namedKinds, spelledName } from './names.js';
import { authorizations, echoes, freePlaces, namedPlaces, pathPlaces } from './places.js';
import type { Planted } from './planted.js';
import { innocentValue, secretValue, type Look } from './values.js';

/** A kind of secret in a place, or what only looks like one. */
export interface Case {
  number: number;
  kind: string;
  place: string;
  /** How it is called where it stands. */
  name: string;
  exchanges: readonly Planted[];
  /** What nobody may find in what is stored; of an innocent one nothing. */
  secret?: string;
}

type Made = Omit<Case, 'number'>;

/** A corpus of `count` kinds in places, and half as many that are innocent, in an order of chance. */
export function makeCorpus(seed: number, count: number): Case[] {
  const chance = new Chance(seed);
  const cases = [...secretCases(chance, count), ...innocentCases(chance, Math.ceil(count / 2))];
  return chance.shuffled(cases).map((each, number) => ({ number, ...each }));
}

/** Each place and each kind comes as often as the next one. */
function secretCases(chance: Chance, count: number): Made[] {
  const share = (part: number): number => Math.max(1, Math.round(count * part));
  const cases = [
    ...eachInTurn(chance, share(0.08), formatKinds, freePlaces, (kind, place) => {
      const { text, secret } = kind.make(chance);
      return { kind: kind.name, place: `free: ${place.name}`, name: '', exchanges: [place.plant(text)], secret };
    }),
    ...eachInTurn(chance, share(0.04), looks, pathPlaces, (_, place) => {
      const secret = secretValue('made', chance, { plain: true });
      return { kind: 'a link', place: place.name, name: '', exchanges: [place.plant(secret)], secret };
    }),
    ...eachInTurn(chance, share(0.02), looks, authorizations, (_, place) => {
      const secret = secretValue('made', chance, { plain: true });
      return { kind: 'credentials', place: place.name, name: '', exchanges: [place.plant(secret)], secret };
    }),
    ...eachInTurn(chance, share(0.1), namedKinds, echoes, ({ words, look }, echo) => {
      const name = spelledName(words, 'key', chance);
      const secret = `${secretValue(look === 'code' ? 'made' : look, chance, { plain: echo.plain === true })}${chance.digits(3)}`;
      const named = namedPlaces.find((place) => place.name === 'JSON in an answer');
      const pair = [named?.plant(name, secret) ?? {}, echo.plant(secret)];
      return { kind: words, place: echo.name, name, exchanges: chance.yes(0.5) ? pair : pair.reverse(), secret };
    }),
  ];
  const named = eachInTurn(chance, Math.max(0, count - cases.length), namedKinds, namedPlaces, (kind, place) => {
    const plain = place.plain === true;
    const name = spelledName(kind.words, place.form, chance);
    const secret = secretValue(kind.look, chance, { plain });
    return { kind: kind.words, place: place.name, name, exchanges: [place.plant(name, secret)], secret };
  });
  return [...named, ...cases];
}

const looks: readonly Look[] = ['made'];

function innocentCases(chance: Chance, count: number): Made[] {
  const documents = Math.ceil(count / 3);
  return [
    ...eachInTurn(chance, documents, innocents, [undefined], ({ name, plant }) => ({
      ...{ kind: 'a document', place: name, name: '', exchanges: [plant(chance)] },
    })),
    ...eachInTurn(chance, count - documents, innocentNames, namedPlaces, (words, place) => {
      const name = spelledName(words, place.form, chance, 0.3);
      const value = innocentValue(chance);
      return { kind: words, place: place.name, name, exchanges: [place.plant(name, value)] };
    }),
  ];
}

/** `count` of all pairs, so that each of either comes in turn; pairs that do not go together are passed over. */
function eachInTurn<Kind, Place extends { name: string; form?: string } | undefined>(
  chance: Chance,
  count: number,
  kinds: readonly Kind[],
  places: readonly Place[],
  make: (kind: Kind, place: Place) => Made,
): Made[] {
  const made: Made[] = [];
  let [ofKinds, ofPlaces]: [Kind[], Place[]] = [[], []];
  while (made.length < count) {
    if (ofKinds.length === 0) ofKinds = chance.shuffled(kinds);
    if (ofPlaces.length === 0) ofPlaces = chance.shuffled(places);
    const place = ofPlaces.pop() as Place;
    const at = ofKinds.findIndex((kind) => goTogether(kind, place));
    const [kind] = ofKinds.splice(Math.max(0, at), 1) as [Kind];
    if (goTogether(kind, place)) made.push(make(kind, place));
  }
  return made;
}

/** Headers and cookies have names of ASCII. */
function goTogether(kind: unknown, place: { form?: string; plain?: true } | undefined): boolean {
  const words = typeof kind === 'object' && kind !== null && 'words' in kind ? String(kind.words) : '';
  return place?.plain !== true || /^[\x20-\x7e]*$/.test(words);
}
