import type { z } from 'zod';
import { quantityMeta } from '../../src/core/quantities.js';
import { linkProfiles } from '../../src/network/profiles.js';
import { linkSettings } from '../../src/network/link.js';
import { timelineStep } from '../../src/network/timeline/schema.js';
import { flagShapes } from '../../src/commands/shared/flag-shape.js';
import { code, list, page, table } from './markdown.js';

/** docs/reference/links.md */
export function linksPage(): string {
  return page(
    '# Links',
    'One access link that all connections of a session share, modelled: `proxyctl link NAME`, or values of your own, or both. ' +
      'How near it comes to the real thing: [decision 4](../decisions/0004-modelled-packet-loss.md).',
    '## Values',
    table(
      ['value', 'flag', 'meaning', 'unit', 'default'],
      flagShapes(linkSettings).map(({ key, flag, placeholder, description, unit, defaultText }) => [
        code(key),
        code(`${flag} <${placeholder}>`),
        description,
        unit ?? '',
        defaultText ?? 'none: it does not limit',
      ]),
    ),
    '## Steps of a timeline',
    'A file for `proxyctl link play` holds `steps`, and may hold `name`, `seed` and `loop` (true, or a number of rounds). A step has `link` or `down`.',
    table(
      ['key', 'meaning'],
      Object.entries(timelineStep.shape as Record<string, z.ZodType>).map(([key, schema]) => [
        code(key),
        describedBy(schema),
      ]),
    ),
    '## Links by name',
    list([
      'The same word means other numbers in other tools, so theirs stand under the tool’s name.',
      'Links of your own stand in `proxyctl.config.yaml`: `links: { office: { down: 20mbit, up: 5mbit, rtt: 30ms } }`.',
    ]),
    table(
      ['name', 'down', 'up', 'rtt', 'jitter', 'loss', 'source'],
      linkProfiles.map(({ name, downKbit, upKbit, rtt, jitter, loss, burst, source }) => [
        code(name),
        rate(downKbit),
        rate(upKbit),
        `${rtt} ms`,
        jitter === undefined ? '–' : `${jitter} ms`,
        loss === undefined
          ? '–'
          : `${Number((loss * 100).toPrecision(3))} %${burst === undefined ? '' : `, bursts of ${burst}`}`,
        source,
      ]),
    ),
  );
}

function describedBy(schema: z.ZodType): string {
  const { description = '' } = (schema.meta() ?? {}) as { description?: string };
  const unit = quantityMeta(schema)?.unit;
  return unit === undefined ? description : `${description} (${unit})`;
}

function rate(kbit: number | undefined): string {
  if (kbit === undefined) return '–';
  return kbit >= 1000 ? `${kbit / 1000} Mbit/s` : `${kbit} kbit/s`;
}
