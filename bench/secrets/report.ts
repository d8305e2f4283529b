import type { Case } from './corpus.js';
import type { Failure, Figures } from './measure.js';

const limits = { recall: 0.995, precision: 0.99 };

export function isMet(figures: Figures): boolean {
  return (
    recall(figures) >= limits.recall &&
    precision(figures) >= limits.precision &&
    figures.notReplayed === 0 &&
    figures.found === 0
  );
}

function recall({ secrets, leaked }: Figures): number {
  return secrets === 0 ? 1 : 1 - leaked / secrets;
}

function precision({ innocents, changed }: Figures): number {
  return innocents === 0 ? 1 : 1 - changed / innocents;
}

/** The figures, and what failed: by place, by kind, and each case. */
export function tell(corpus: readonly Case[], figures: Figures, seed: number): string {
  const { secrets, leaked, innocents, changed, requests, notReplayed, found, failures } = figures;
  const planted = corpus.filter(({ secret }) => secret !== undefined);
  const kinds = new Set(planted.map(({ kind }) => kind)).size;
  const pairs = new Set(planted.map(({ kind, place }) => `${kind} ${place}`)).size;
  const places = new Set(planted.map(({ place }) => place)).size;
  return [
    `seed ${seed}: ${secrets} secrets of ${kinds} kinds in ${places} places (${pairs} pairs), ${innocents} innocent exchanges`,
    verdict('recall', recall(figures), limits.recall, `${leaked} of ${secrets} leaked`),
    verdict('precision', precision(figures), limits.precision, `${changed} of ${innocents} changed`),
    verdict('scanned clean', 1 - found / requests, 1, `something found in ${found} exchanges`),
    verdict('replayed', 1 - notReplayed / requests, 1, `${notReplayed} of ${requests} not answered`),
    ...(['leaked', 'changed', 'not replayed', 'found by a scan'] as const).flatMap((what) => tables(what, failures)),
  ].join('\n');
}

function verdict(name: string, share: number, limit: number, detail: string): string {
  return `${share >= limit ? 'ok    ' : 'MISSED'} ${name} ${percent(share)} (limit ${percent(limit)}; ${detail})`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}

function tables(what: Failure['what'], failures: readonly Failure[]): string[] {
  const own = failures.filter((failure) => failure.what === what);
  if (own.length === 0) return [];
  const counted = (key: (failure: Failure) => string): string => {
    const counts = new Map<string, number>();
    for (const failure of own) counts.set(key(failure), (counts.get(key(failure)) ?? 0) + 1);
    const most = [...counts].sort(([, a], [, b]) => b - a);
    return most.map(([name, number]) => `${name} ${number}`).join(', ');
  };
  return [
    `\n${what} by place: ${counted(({ place }) => place)}`,
    `${what} by kind: ${counted(({ kind }) => kind)}`,
    ...own
      .slice(0, 200)
      .map(({ number, kind, place, name, detail }) => `  #${number} ${kind} | ${place} | ${name} | ${detail}`),
  ];
}
