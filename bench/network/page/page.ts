import { readFile, writeFile } from 'node:fs/promises';
import { loadavg, release, totalmem } from 'node:os';
import { basename, join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { workFolder } from '../../paths.js';
import { cpuModel } from '../../proc.js';
import type { Verdict } from '../criterion.js';
import type { Row } from '../links/row.js';
import { linksPart } from './links-part.js';
import { linksPlot } from './links-plot.js';
import { lossPart } from './loss-part.js';
import { lossPlot } from './loss-plot.js';

const figuresFile = join(workFolder, 'network-figures.json');

/** When and where something was measured. */
export interface Circumstances {
  date: string;
  machine: string;
  /** What else is to be known of it: how late an exchange without loss was, how busy the machine. */
  note: string;
}

/** All that the page shows; kept in the work folder, so that what one run did not measure stays as it was. */
export interface Figures {
  loss?: { circumstances: Circumstances; verdict: Verdict };
  links?: { circumstances: Circumstances; rows: Row[] };
}

export function circumstances(note: string): Circumstances {
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpuModel()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}, Node ${process.versions.node}`,
    note: [note, `load average at the end ${loadavg()[2]?.toFixed(1)} over 15 minutes`].filter(Boolean).join('; '),
  };
}

/** Writes the page and its plots, with `measured` in place of what was there of the same kind. */
export async function savePage(file: string, measured: Figures, command: string): Promise<void> {
  const stem = file.replace(/(\.md)?$/, '');
  const figures = { ...(await earlier()), ...measured };
  await writeFile(figuresFile, JSON.stringify(figures, null, 1));
  const { loss, links } = figures;
  const lines = [
    '# The modelled network, measured',
    '',
    `Made by \`${command}\`. How it measures, what the words mean, and the bounds: [bench/network/README.md](../bench/network/README.md).`,
  ];
  if (loss !== undefined) {
    await writeFile(`${stem}-loss.svg`, lossPlot(loss.verdict));
    lines.push('', '## Packet loss, against kernel TCP', '', told(loss.circumstances), '');
    lines.push(...lossPart(loss.verdict, `${basename(stem)}-loss.svg`));
  }
  if (links !== undefined) {
    await writeFile(`${stem}-links.svg`, linksPlot(links.rows));
    lines.push('', '## Links, latency and cost', '', told(links.circumstances), '');
    lines.push(...linksPart(links.rows, `${basename(stem)}-links.svg`));
  }
  const options = (await resolveConfig(file)) ?? {};
  await writeFile(file, await format(`${lines.join('\n')}\n`, { ...options, filepath: file }));
}

async function earlier(): Promise<Figures> {
  try {
    return JSON.parse(await readFile(figuresFile, 'utf8')) as Figures;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}

function told({ date, machine, note }: Circumstances): string {
  return `${date}, ${machine}${note === '' ? '' : `; ${note}`}.`;
}
