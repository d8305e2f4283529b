import { timeFormats } from '../../src/replay/volatile/dates/formats.js';
import { normalizers, type Normalizer, type VolatileKind } from '../../src/replay/volatile/normalizers/index.js';
import { code, list, page, table } from './markdown.js';

/** How values of each kind are compared (`MatchResult` in src/replay/agreement.ts). */
const compared: Record<Exclude<VolatileKind, 'volatile'>, string> = {
  noise: 'is not compared: it may have any value',
  id: 'one recorded value stands for one live value, throughout the run; what the backend gave out, or what names a thing that was there before, must be the same',
  time: 'it must be as far from the run’s start, or from its request, as when it was recorded',
  version: 'the recorded version of the app stands for the one given with `--app-version`',
};

/** docs/reference/normalizers.md */
export function normalizersPage(): string {
  return page(
    '# Normalizers',
    'What differs in each run without meaning anything, and how a replay knows it. A normalizer finds such values in the query, path, headers and body of a ' +
      'request, whole or as a part of a longer value (below, the found part may be less than the example); all other characters must be equal. Where two find ' +
      'the same characters, the first in this list has them. [How matching works](../guides/replay.md) tells the rest.',
    list(Object.entries(compared).map(([kind, how]) => `**${kind}**: ${how}.`)),
    'A rule switches one off where it is wrong about a test, and a place that none of them knows is declared volatile by another:',
    ['```sh', ...rules, '```'].join('\n'),
    'Names are compared without case, separators and a leading `X-`: `X-Request-Id`, `request_id` and `requestId` are one.',
    table(
      ['normalizer', 'finds', 'kind'],
      normalizers.map(({ name, summary, kind }) => [`[${name}](#${name})`, summary, kind]),
    ),
    ...normalizers.map(section),
  );
}

const rules = [
  "proxyctl recordings rules set checkout '*' --normalizer random-words --is exact",
  "proxyctl recordings rules set checkout 'query run' --is volatile",
];

function section({ name, summary, kind, examples }: Normalizer): string {
  return page(
    `## ${name}`,
    `${summary.replace(/[.…]?$/, (end) => (end === '…' ? end : '.'))} Kind: **${kind}**.`,
    list([`found: ${examples.found.map(code).join(' · ')}`, `left alone: ${examples.leftAlone.map(code).join(' · ')}`]),
    kind === 'time' ? formats() : '',
  ).trimEnd();
}

function formats(): string {
  return page(
    'Its formats, those first that contain others:',
    table(
      ['format', 'writes'],
      timeFormats.map(({ name, summary }) => [name, summary]),
    ),
  ).trimEnd();
}
