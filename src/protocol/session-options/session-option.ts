import type { z } from 'zod';

/**
 * What an option is about: how the proxy treats clients (`engine`), the way to backends (`upstream`), which recording
 * is made or played (`recording`), how one is made (`record`), how one is played (`replay`).
 */
export type OptionScope = 'engine' | 'upstream' | 'recording' | 'record' | 'replay';

/** The commands that open sessions, and so have flags for options. */
export type SessionCommand = 'exec' | 'record' | 'replay' | 'run' | 'session create' | 'up';

/** The values of all flags of a command line, by their names in camel case. */
export type FlagValues = Readonly<Record<string, unknown>>;

/**
 * The flag that an option has on each command of its scope. What its text may be follows from the option's schema,
 * unless said here.
 */
interface OptionFlag {
  /** In camel case, where it is not the option's key: `clientCert` is `--client-cert`. */
  name?: string;
  /** Names that it had before; each warns and names the new one. */
  formerNames?: readonly string[];
  /** Where the command line can say more than the option: a file, say. Default: the schema's. */
  description?: string;
  placeholder?: string;
  /** How the default reads, where there is no value that says it. */
  defaultText?: string;
  /** What it means without a value. Only for lists. */
  bare?: string;
  /** The schema of its text, where that is not what the option's own schema suggests. */
  text?: z.ZodType;
  /**
   * Makes the option's value of the flag's: reads the file that it names, say. Throws `UsageError`, naming the flag.
   */
  read?(given: unknown, flags: FlagValues): unknown;
  /** Where it is not on every command of its scope. */
  commands?: readonly SessionCommand[];
}

/** Where an option stands in the config file. */
export interface ConfigPlace {
  /** `replay.rules`. */
  key: string;
  /** How to write it, for who wrote it wrong. */
  hint: string;
}

/**
 * One option of a session, declared once. The session's spec, the API's request and its document, the flags of commands
 * with their help and reference page, and the keys of the config file that stand for options are made from its
 * declaration.
 */
export interface SessionOption {
  schema: z.ZodType;
  /** Without one, no flag stands for it: the command itself says it, or the config file. */
  flag?: OptionFlag;
  /** What the stack fills in itself; no request may say it. */
  internal?: true;
  /** What only a request says: the stack makes something else of it before there is a spec. */
  requestOnly?: true;
  /** Never shown with the session. */
  secret?: true;
  /** Its place in the config file: what a project sets for all of its sessions. */
  config?: ConfigPlace;
}

export type SessionOptions = Readonly<Record<string, SessionOption>>;

/** The schemas of those options that do not carry a mark, by key. */
export type ShapeWithout<Options extends SessionOptions, Mark extends 'internal' | 'requestOnly'> = {
  -readonly [
    Key in keyof Options as Options[Key] extends Readonly<Record<Mark, true>> ? never : Key
  ]: Options[Key]['schema'];
};
