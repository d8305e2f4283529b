import { parseArgs } from 'node:util';

export interface Options {
  /** Of loss; undefined: it is not measured. */
  reference: string | undefined;
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
  /** Cores that the chain may take, as guessed. */
  cores: number;
  seed: number;
  /** Measure although the machine is too busy to be exact. */
  busy: boolean;
  json: boolean;
  /** Links, latency, pages and cost. */
  links: boolean;
  /** Those of their groups whose name this regular expression finds. */
  groups: RegExp;
  /** For each measurement of capacity. */
  seconds: number;
  /** The page to write, with its plots beside it. */
  save: string | undefined;
}

export const usage = `npm run bench:network -- --reference FILE [options]
npm run bench:network -- --links [--groups REGEXP] [--seconds N]
npm run bench:network -- --reference FILE --links --save docs/network.md

Compares packet loss as proxyctl models it with what kernel TCP did (a file like tcp-loss.json), by the criterion
that is described in bench/network/README.md. With --links it measures goodput, latency, pages and cost, against what was asked for and
kernel TCP (pages: Linux, root, Go). Exits 1 when the criterion is not met or anything is outside its bounds.

  --cells N        only N cells, spread over the grid
  --only REGEXP    only cells whose name it finds
  --model          the model alone, in virtual time: seconds instead of minutes
  --stage          the stage in a plain TCP proxy behind Toxiproxy, in place of a session
  --scale X        X times the reference's number of samples (default 1)
  --parallel N     connections at once (default 150)
  --cores X        of them as many as take X cores together, as guessed (default 0.6)
  --seed N         of all that is random (default 1)
  --busy           go on although an exchange without loss is late, as on a busy machine
  --links          links, in the groups latency, page, capacity, cost
  --groups REGEXP  only groups whose name it finds
  --seconds N      for each measurement of capacity (default 10)
  --save FILE.md   write the page, with its plots beside it; what is not measured now stays as this machine had it last
  --json           print JSON instead of the tables
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
      cores: { type: 'string', default: '0.6' },
      seed: { type: 'string', default: '1' },
      busy: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      links: { type: 'boolean', default: false },
      groups: { type: 'string', default: '' },
      seconds: { type: 'string', default: '10' },
      save: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return 'help';
  if (values.reference === undefined && !values.links) throw new Error('--reference FILE or --links is missing');
  return {
    reference: values.reference,
    cells: values.cells === undefined ? undefined : Math.ceil(positive('--cells', values.cells)),
    only: new RegExp(values.only),
    model: values.model,
    stage: values.stage,
    scale: positive('--scale', values.scale),
    parallel: Math.ceil(positive('--parallel', values.parallel)),
    cores: positive('--cores', values.cores),
    seed: Math.ceil(positive('--seed', values.seed)),
    busy: values.busy,
    json: values.json,
    links: values.links,
    groups: new RegExp(values.groups),
    seconds: positive('--seconds', values.seconds),
    save: values.save,
  };
}

function positive(flag: string, text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < 1e6)) throw new Error(`${flag} wants a number above 0, not "${text}"`);
  return value;
}
