import { parseArgs } from 'node:util';

export interface Options {
  reference: string;
  /** How many cells, spread over the grid. */
  cells: number | undefined;
  /** Cells whose name this regular expression finds. */
  only: RegExp;
  /** The model alone, in virtual time. */
  model: boolean;
  /** The stage in a plain TCP proxy, in place of a whole session. */
  stage: boolean;
  /** Times the reference's number of samples. */
  scale: number;
  parallel: number;
  seed: number;
  /** Measure although the machine is too busy to be exact. */
  busy: boolean;
  json: boolean;
  /** Links, latency, pages and cost in place of loss. */
  links: boolean;
  /** For each measurement of capacity. */
  seconds: number;
  /** The page to write, with its plot beside it. */
  save: string | undefined;
}

export const usage = `npm run bench:network -- --reference FILE [options]
npm run bench:network -- --links [--only REGEXP] [--seconds N] [--save FILE.md] [--json]

Compares packet loss as proxyctl models it with what kernel TCP did (a file like tcp-loss.json), by the criterion
that is described in bench/network/README.md. Exits 1 when it is not met. With --links it measures goodput, latency, pages and cost
instead, against what was asked for and kernel TCP (pages: Linux, root, Go).

  --cells N        only N cells, spread over the grid
  --only REGEXP    only cells whose name it finds
  --model          the model alone, in virtual time: seconds instead of minutes
  --stage          the stage in a plain TCP proxy behind Toxiproxy, in place of a session
  --scale X        X times the reference's number of samples (default 1)
  --parallel N     connections at once (default 150)
  --seed N         of all that is random (default 1)
  --busy           go on although an exchange without loss is late, as on a busy machine
  --links          links in place of loss: groups latency, page, capacity, cost (--only picks some)
  --seconds N      for each measurement of capacity (default 10)
  --save FILE.md   write the page, with a plot beside it
  --json           print JSON instead of the table
`;

/** Throws an `Error` that names the bad argument. */
export function parseOptions(argv: string[]): Options | 'help' {
  const { values } = parseArgs({
    args: argv,
    options: {
      reference: { type: 'string' },
      cells: { type: 'string' },
      only: { type: 'string', default: '' },
      model: { type: 'boolean', default: false },
      stage: { type: 'boolean', default: false },
      scale: { type: 'string', default: '1' },
      parallel: { type: 'string', default: '150' },
      seed: { type: 'string', default: '1' },
      busy: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      links: { type: 'boolean', default: false },
      seconds: { type: 'string', default: '10' },
      save: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return 'help';
  if (values.reference === undefined && !values.links) throw new Error('--reference FILE is missing');
  return {
    reference: values.reference ?? '',
    cells: values.cells === undefined ? undefined : Math.ceil(positive('--cells', values.cells)),
    only: new RegExp(values.only),
    model: values.model,
    stage: values.stage,
    scale: positive('--scale', values.scale),
    parallel: Math.ceil(positive('--parallel', values.parallel)),
    seed: Math.ceil(positive('--seed', values.seed)),
    busy: values.busy,
    json: values.json,
    links: values.links,
    seconds: positive('--seconds', values.seconds),
    save: values.save,
  };
}

function positive(flag: string, text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < 1e6)) throw new Error(`${flag} wants a number above 0, not "${text}"`);
  return value;
}
