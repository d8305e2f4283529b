import { ProxyctlError } from '../errors/proxyctl-error.js';
import { packageVersion } from './package-version.js';

/**
 * What this program stores, each with the newest version of its format that it reads; it writes that one, and reads all
 * before it. A version goes up when a program of before would read the new form wrongly.
 */
export const storedFormats = {
  /** `current.json`, and markers, of a store. */
  pointer: 1,
  /** What a `recording.har` says of itself (`log._proxyctl`). */
  recording: 1,
  /** HAR itself, by the first number of its version. */
  har: 1,
  /** How it was redacted. 1: by exact names. 2: by what names mean. */
  redaction: 2,
  /** A recording under way, by its `meta.json`. 2: checksums over all that is published of it. */
  journal: 2,
  /** Where the stack of a home is: `stack.json`. */
  state: 1,
  /** Content of an encrypted store, by the line that it begins with. */
  sealed: 1,
} as const;

type StoredFormat = keyof typeof storedFormats;

/** Which program wrote something, where it said so. */
export function thisProgram(): { program: string } {
  return { program: packageVersion() };
}

/**
 * Throws `PROXYCTL_NEWER_FORMAT` for what a newer program wrote. Whatever else is wrong with it is for its schema to
 * say. `where` is its path or URL; `program`: which version wrote it, where that stands elsewhere.
 */
export function checkFormat(format: StoredFormat, value: unknown, where: string, program?: unknown): void {
  const found = formatOf(value);
  if (found !== undefined && found > storedFormats[format])
    throw newerFormat(where, { found, reads: storedFormats[format], program: program ?? programOf(value) });
}

/** Whether something was refused since a newer program wrote it: all else can go on. */
export function isNewerFormat(error: unknown): error is ProxyctlError {
  return error instanceof ProxyctlError && error.code === 'PROXYCTL_NEWER_FORMAT';
}

/** The version that a stored object says it has; undefined when it says none. */
function formatOf(value: unknown): number | undefined {
  const version = (value as { formatVersion?: unknown } | null | undefined)?.formatVersion;
  return typeof version === 'number' && Number.isInteger(version) ? version : undefined;
}

interface NewerFormat {
  found: number;
  reads: number;
  program: unknown;
}

function newerFormat(where: string, { found, reads, program }: NewerFormat): ProxyctlError {
  const by = typeof program === 'string' && program !== '' && program.length < 100 ? program : undefined;
  return new ProxyctlError(
    'PROXYCTL_NEWER_FORMAT',
    `${where} was made by a newer proxyctl${by === undefined ? '' : `, ${by}`} (format ${found}; this one, ${packageVersion()}, reads up to ${reads}): upgrade proxyctl`,
    {
      hint: `Install ${by === undefined ? 'the newest proxyctl' : `proxyctl ${by} or later`}: npm install --save-dev proxyctl@${by ?? 'latest'}. Nothing is wrong with what is stored.`,
      data: { path: where, formatVersion: found, reads, ...(by === undefined ? {} : { program: by }) },
    },
  );
}

function programOf(value: unknown): unknown {
  const { program, version } = value as { program?: unknown; version?: unknown };
  return program ?? version;
}
