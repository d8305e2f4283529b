import { z } from 'zod';
import { quantityMeta } from '../core/quantities.js';
import { toxicDefinitions } from '../toxics/index.js';
import type { Toxic } from '../toxics/toxic.js';
import { clean } from './text-cells.js';

/*
 * Toxics in few characters: `latency 300ms±50 ↓`, `bandwidth 200kb ↕`, `timeout 0ms ↓ 50%`. The values are spelt as the
 * command line takes them.
 */

type ToxicLike = Pick<Toxic, 'type' | 'attributes'> & Partial<Toxic>;

const arrows = { upstream: '↑', downstream: '↓' };

/** One toxic: what it does, which way, and for which share of connections. A foreign one ends with `*`. */
export function formatToxic(toxic: ToxicLike): string {
  const { stream, toxicity = 1, foreign = false } = toxic;
  const parts = [clean(toxic.type), formatAttributes(toxic)];
  if (stream !== undefined) parts.push(arrows[stream]);
  if (toxicity < 1) parts.push(`${trimNumber(toxicity * 100)}%`);
  return parts.filter((part) => part !== '').join(' ') + (foreign ? '*' : '');
}

/** All of a session's, the same one in both directions told once with `↕`. */
export function formatToxics(toxics: readonly Toxic[]): string {
  const labels: string[] = [];
  for (const label of toxics.map(formatToxic)) {
    const other = /[↑↓]/.test(label) ? swap(label) : label;
    const twin = labels.indexOf(other);
    if (other !== label && twin >= 0) labels[twin] = label.replace(/[↑↓]/, '↕');
    else labels.push(label);
  }
  return labels.join(', ');
}

function swap(label: string): string {
  return label.includes('↑') ? label.replace('↑', '↓') : label.replace('↓', '↑');
}

/** The main value first, its deviation after `±`, others that are not 0 as `name=value`. */
function formatAttributes({ type, attributes }: ToxicLike): string {
  const main = toxicDefinitions.find((definition) => definition.type === type)?.argument;
  const mainText =
    main === undefined || attributes[main] === undefined ? '' : formatAttribute(type, main, attributes[main]);
  const others = Object.entries(attributes).filter(([name, value]) => name !== main && value !== 0);
  const shown = others.map(([name, value]) => ({ name, text: formatAttribute(type, name, value) }));
  const deviations = shown.filter(({ name }) => mainText !== '' && isDeviation(name));
  const rest = shown.filter((attribute) => !deviations.includes(attribute));
  return [
    mainText +
      deviations.map(({ text }) => `±${sameUnit(text, mainText) ? text.replace(unitPattern, '') : text}`).join(''),
    ...rest.map(({ name, text }) => `${clean(name)}=${text}`),
  ]
    .filter((part) => part !== '')
    .join(' ');
}

const unitPattern = /[a-zµ%]+$/;

function sameUnit(a: string, b: string): boolean {
  return unitPattern.exec(a)?.[0] === unitPattern.exec(b)?.[0];
}

function isDeviation(name: string): boolean {
  return name === 'jitter' || name.endsWith('_variation');
}

/** A value with its unit, so that `parse…` of `core/units.ts` reads it back: 300 of `latency` → `300ms`. */
export function formatAttribute(type: string, name: string, value: number | string): string {
  if (typeof value === 'string') return clean(value);
  switch (unitOf(type, name)) {
    case 'ms':
      return value >= 1000 && value % 100 === 0 ? `${trimNumber(value / 1000)}s` : `${trimNumber(value)}ms`;
    case 'µs':
      return value >= 1000 && value % 100 === 0 ? `${trimNumber(value / 1000)}ms` : `${trimNumber(value)}us`;
    case 'kB/s':
      return value >= 1000 && value % 100 === 0 ? `${trimNumber(value / 1000)}mb` : `${trimNumber(value)}kb`;
    case 'bytes':
      return value >= 1000 && value % 100 === 0 ? `${trimNumber(value / 1000)}kb` : `${trimNumber(value)}b`;
    case '':
      return `${trimNumber(value * 100)}%`;
    default:
      return trimNumber(value);
  }
}

function trimNumber(value: number): string {
  return String(Math.round(value * 1000) / 1000);
}

function unitOf(type: string, name: string): string | undefined {
  let schema: unknown = toxicDefinitions.find((definition) => definition.type === type)?.attributes.shape[name];
  while (schema instanceof z.ZodDefault || schema instanceof z.ZodOptional) schema = schema.unwrap();
  const meta = schema instanceof z.ZodType ? quantityMeta(schema) : undefined;
  return meta?.placeholder === 'number' ? undefined : meta?.unit; // a plain number is no share
}
