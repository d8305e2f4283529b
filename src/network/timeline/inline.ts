import { UsageError } from '../../errors/index.js';
import type { TimelineRequest } from './schema.js';

const example = 'Write steps like "4g 10s, down 3s, 3g 20s ramp 5s", or "at 10s 3g".';

/** `4g 10s, down 3s, at 20s edge 5s..15s ramp 2s, off`: steps one after the other, each with how long it lasts. */
export function parseInlineTimeline(text: string): TimelineRequest['steps'] {
  return text.split(',').map((part) => {
    const match =
      /^(?:at\s+(?<at>\S+)\s+)?(?<what>\S+)(?:\s+(?:for\s+)?(?<lasts>\d\S*))?(?:\s+ramp\s+(?<ramp>\S+))?$/i.exec(
        part.trim(),
      );
    if (match?.groups === undefined)
      throw new UsageError(`"${part.trim()}" is not a step of a timeline`, { hint: example });
    const { at, what = '', lasts, ramp } = match.groups;
    const down = what.toLowerCase() === 'down';
    return {
      ...(at === undefined ? {} : { at }),
      ...(down ? { down: lasts ?? true } : { link: what }),
      ...(lasts === undefined || down ? {} : { for: lasts }),
      ...(ramp === undefined ? {} : { ramp }),
    };
  });
}
