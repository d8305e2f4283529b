import { meaningOfName } from '../../har/redaction/index.js';
import type { RecordedExchanges } from '../../http/index.js';
import type { RecordedFacts } from '../loaded/facts.js';
import { isIn } from '../request/field-path.js';
import { canonicalName } from '../volatile/normalizers/index.js';
import type { PreparedField } from '../volatile/volatile-value.js';
import type { PreparedRequest } from './prepared-request.js';
import type { ValueGraph } from './value-graph.js';

/** Operations by which somebody proves who he is, … */
const provesWho =
  /(?<![a-z])(?:log ?[io]n|sign ?[io]n|sso|auth|authenticat(?:e|ion)|authoriz(?:e|ation)|oauth2?|tokens?|sessions?|saml)(?![a-z])/g;
/** … also where they ask for no secret, … */
const asksForName = /(?<![a-z])(?:log ?[io]n|sign ?[io]n|authenticate)(?![a-z])/;
/** … and those that make somebody known. */
const makesKnown =
  /(?<![a-z])(?:sign ?up|regist(?:er|rations?)|enrol(?:l|ment|lment)?|creat(?:e|ion)|new|add|join|invit(?:e|ation)s?|onboard(?:ing)?|users?|accounts?|members?|customers?|people|profiles?|subscribers?|patients?|employees?)(?![a-z])/g;

/** Members that name the operation of a request which has one path for all. */
const operationMembers = /^(?:operationname|method|action|op|operation|command|function)$/i;

/** Members that name somebody. */
const persons =
  /^(?:(?:user|login|account|member|person|actor|subject|principal|identity)(?:name|id)?|e?mail(?:address)?|phone(?:number)?|handle|nick(?:name)?|uid|sub|who)$/;

type Fields = Pick<PreparedRequest, 'line' | 'body'>;

/**
 * Whether a recorded request is a login: who it names was there before, so that another name is somebody else, unless
 * the recording shows that he was made known in this run. It sends a secret that people type and makes nobody known: as
 * its operation says, its status, or that the same name and secret are sent to another operation later.
 */
export function isLogin(
  { line, body }: Fields,
  facts: RecordedFacts,
  { values, exchanges }: { values: ValueGraph; exchanges: RecordedExchanges },
): boolean {
  const fields = [...line, ...body];
  const operation = wordsOf(fields);
  const [proves, makes] = [lastOf(provesWho, operation), lastOf(makesKnown, operation)];
  const secrets = fields.filter(({ field }) => isTyped(field.name) && field.value !== '');
  if (secrets.length === 0) {
    const namesSomebody = fields.some(({ field }) => persons.test(canonicalName(field.name)));
    return proves > makes && (namesSomebody || asksForName.test(operation));
  }
  if (proves !== makes) return proves > makes;
  return facts.status !== 201 && !areSentAgain(fields, secrets, facts, { values, exchanges });
}

/** What names the operation, as words in small letters: `users sign in`. */
function wordsOf(fields: readonly PreparedField[]): string {
  const texts = fields.flatMap(({ field: { name, value, where } }) => {
    if (isIn('path', { where }) || operationMembers.test(name)) return [value];
    return name === 'query' ? [/^[^{]*\{\s*(?:\w+\s*:\s*)?(\w+)/.exec(value)?.[1] ?? ''] : [];
  });
  return texts
    .join(' ')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replace(/[^A-Za-z0-9]+/g, ' ')
    .toLowerCase();
}

function lastOf(pattern: RegExp, text: string): number {
  return [...text.matchAll(pattern)].at(-1)?.index ?? -1;
}

function isTyped(name: string): boolean {
  return meaningOfName(name) === 'typed';
}

/** Whether another operation is sent the same secret with the same name later on: then this one made it known. */
function areSentAgain(
  fields: readonly PreparedField[],
  secrets: readonly PreparedField[],
  { position }: RecordedFacts,
  { values, exchanges }: { values: ValueGraph; exchanges: RecordedExchanges },
): boolean {
  const own = exchanges.outline(position).url;
  const names = fields.filter((field) => !secrets.includes(field)).map(({ field }) => field.value);
  return secrets.some(({ field: { value } }) =>
    values
      .requestsOf(value)
      .some(
        (other) =>
          other > position &&
          exchanges.outline(other).url !== own &&
          names.some((name) => values.requestsOf(name).includes(other)),
      ),
  );
}
