import { dateNames, type DateNames } from './month-names.js';
import { civilSeconds, daySeconds, pad, wholeUnits, zoneSeconds, type TimeFormat } from './time-format.js';

/**
 * Declares a way in which people write dates by a pattern whose named groups are the parts: `day`, `month` (a number or
 * a name), `year`, and if there are any `weekday`, `hour`, `minute`, `second`, `half` (AM or PM) and `zone`. All that
 * is between them stays as it is. A number keeps the leading zero that it has; one of two digits gets one where
 * `padded` says so.
 */
export function defineCivilFormat(declared: {
  name: string;
  summary: string;
  hint?: RegExp;
  pattern: RegExp;
  /** Whether `5 January` would be written `05 January`, where the text does not show it. */
  padded?: (names: DateNames | undefined) => boolean;
}): TimeFormat {
  const { name, summary, hint, pattern, padded = () => true } = declared;
  const parts = new RegExp(pattern.source, 'd');
  return {
    name,
    summary,
    ...(hint === undefined ? {} : { hint }),
    pattern,
    read: (text) => {
      const found = partsOf(text, parts);
      if (found === undefined) return undefined;
      const { local, groups } = found;
      const offsetSeconds = zoneSeconds(groups.zone ?? '');
      return { seconds: local - offsetSeconds, dateOnly: groups.hour === undefined, offsetSeconds };
    },
    move: (text, seconds) => {
      const found = partsOf(text, parts);
      if (found === undefined) return text;
      const { local, groups, names, spans } = found;
      const unit = groups.hour === undefined ? daySeconds : groups.second === undefined ? 60 : 1;
      const date = new Date((local + wholeUnits(seconds, unit)) * 1000);
      const zero = groups.day?.startsWith('0') === true || (groups.day?.length === 2 && padded(names));
      const like = (old: string | undefined, value: number, leading: boolean): string | undefined =>
        old === undefined ? undefined : leading ? pad(value) : String(value);
      const hour = date.getUTCHours();
      const moved: Partial<Record<string, string>> = {
        weekday: names?.weekdayNames?.[date.getUTCDay()],
        day: like(groups.day, date.getUTCDate(), zero),
        month:
          names?.monthNames[date.getUTCMonth()] ??
          like(groups.month, date.getUTCMonth() + 1, groups.month?.startsWith('0') === true || zero),
        year: pad(date.getUTCFullYear(), 4),
        hour: like(
          groups.hour,
          groups.half === undefined ? hour : hour % 12 || 12,
          groups.hour?.startsWith('0') === true || (groups.hour?.length === 2 && (groups.half === undefined || zero)),
        ),
        minute: like(groups.minute, date.getUTCMinutes(), true),
        second: like(groups.second, date.getUTCSeconds(), true),
        half: groups.half?.replace(/[ap]/i, (letter) => halfOf(letter, hour)),
      };
      return withGroups(text, spans, moved);
    },
  };
}

function halfOf(like: string, hour: number): string {
  const letter = hour < 12 ? 'a' : 'p';
  return like === like.toUpperCase() ? letter.toUpperCase() : letter;
}

interface CivilParts {
  /** Seconds since 1970, as if its zone were UTC. */
  local: number;
  groups: Partial<Record<string, string>>;
  spans: Partial<Record<string, [number, number]>>;
  /** Of a date that names its month. */
  names: DateNames | undefined;
}

function partsOf(text: string, parts: RegExp): CivilParts | undefined {
  const match = parts.exec(text);
  if (match?.groups === undefined || match.indices?.groups === undefined) return undefined;
  const groups: CivilParts['groups'] = match.groups;
  const { month = '', weekday, day = '', year, hour, minute, second, half } = groups;
  const named = /^\d/.test(month) ? undefined : dateNames(month, weekday, groups.stop !== undefined);
  if (named === undefined && !/^\d/.test(month)) return undefined;
  const hours = half === undefined ? Number(hour ?? 0) : (Number(hour) % 12) + (/p/i.test(half) ? 12 : 0);
  const local = civilSeconds(
    Number(year),
    named?.month ?? Number(month),
    Number(day),
    ...[hours, Number(minute ?? 0), Number(second ?? 0)],
  );
  if (local === undefined) return undefined;
  return { local, groups, spans: match.indices.groups, names: named };
}

function withGroups(text: string, spans: CivilParts['spans'], moved: Partial<Record<string, string>>): string {
  let result = text;
  const replacements = Object.entries(moved).flatMap(([name, by]) => {
    const span = spans[name];
    return by === undefined || span === undefined ? [] : [{ span, by }];
  });
  replacements.sort((a, b) => b.span[0] - a.span[0]); // from the end, so that places stay right
  for (const { span, by } of replacements) result = result.slice(0, span[0]) + by + result.slice(span[1]);
  return result;
}
