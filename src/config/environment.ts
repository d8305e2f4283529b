import { ProxyctlError } from '../errors/index.js';

/*
 * The only reader of `process.env`. Each value is read when it is asked for, so that a program that sets a variable
 * before it starts a stack is heard. A variable that is set to nothing counts as not set.
 */

export const environment = {
  /** `PROXYCTL_HOME`: the folder that holds state, cache and CA instead of the platform's own. */
  get home(): string | undefined {
    return read('PROXYCTL_HOME');
  },
  /** `PROXYCTL_STORE`: a folder or `s3://bucket/prefix`. */
  get store(): string | undefined {
    return read('PROXYCTL_STORE');
  },
  /** `PROXYCTL_STORE_KEY`: the keys of encrypted stores. Never to be shown. */
  get storeKey(): string | undefined {
    return read('PROXYCTL_STORE_KEY');
  },
  /** `PROXYCTL_CONFIG`: the config file to use instead of the nearest one. */
  get config(): string | undefined {
    return read('PROXYCTL_CONFIG');
  },
  /** `PROXYCTL_TOXIPROXY`: the path of a Toxiproxy server program. */
  get toxiproxy(): string | undefined {
    return read('PROXYCTL_TOXIPROXY');
  },
  /**
   * `PROXYCTL_TOXIPROXY_RELEASES`: where release binaries are fetched from instead of GitHub, without a trailing slash.
   */
  get toxiproxyReleases(): string | undefined {
    return readUrl('PROXYCTL_TOXIPROXY_RELEASES');
  },
  /** `PROXYCTL_URL`: the control API of the stack to talk to, without a trailing slash. */
  get url(): string | undefined {
    return readUrl('PROXYCTL_URL');
  },
  /** `PROXYCTL_TOKEN`: the control API's bearer token. */
  get token(): string | undefined {
    return read('PROXYCTL_TOKEN');
  },
  /** `PROXYCTL_SESSION`: the session that commands act on when none is named. */
  get session(): string | undefined {
    return read('PROXYCTL_SESSION');
  },
  /** True under a continuous integration service: `CI` is set to anything but `0` or `false`. */
  get ci(): boolean {
    return !['', '0', 'false'].includes((read('CI') ?? '').toLowerCase());
  },
  /** True when `NO_COLOR` holds anything, or `TERM` is `dumb` (no-color.org). */
  get noColor(): boolean {
    return read('NO_COLOR') !== undefined || read('TERM') === 'dumb';
  },
  /** The folders of `PATH` in order. */
  get path(): string[] {
    const separator = process.platform === 'win32' ? ';' : ':';
    return (read('PATH') ?? '').split(separator).filter((folder) => folder !== '');
  },
  /** The proxy variables that are set, under the names they are set by: what a child of ours would inherit. */
  get proxies(): Record<string, string> {
    return Object.fromEntries(
      proxyVariables.flatMap((name) => {
        const value = read(name);
        return value === undefined ? [] : [[name, value]];
      }),
    );
  },
  /** One variable by name, for what has no getter of its own. */
  get(name: string): string | undefined {
    return read(name);
  },
  /**
   * Runs `work` with a variable set, and only for as long as that takes: for libraries that can be told things by
   * variables alone. `work` must not be asynchronous.
   */
  with<T>(name: string, value: string, work: () => T): T {
    const before = process.env[name];
    process.env[name] = value;
    try {
      return work();
    } finally {
      if (before === undefined) delete process.env[name];
      else process.env[name] = before;
    }
  },
  /** A copy of all variables: what a child process starts from. */
  all(): Record<string, string> {
    return Object.fromEntries(
      Object.entries(process.env).filter((pair): pair is [string, string] => pair[1] !== undefined),
    );
  },
};

const proxyVariables = [
  'HTTP_PROXY',
  'http_proxy',
  'HTTPS_PROXY',
  'https_proxy',
  'ALL_PROXY',
  'all_proxy',
  'NO_PROXY',
  'no_proxy',
];

function read(name: string): string | undefined {
  const value = process.env[name];
  return value === undefined || value === '' ? undefined : value;
}

function readUrl(name: string): string | undefined {
  const value = read(name);
  if (value === undefined) return undefined;
  if (!URL.canParse(value) || !['http:', 'https:'].includes(new URL(value).protocol)) {
    throw new ProxyctlError('PROXYCTL_CONFIG', `${name} is "${value}", which is not an http or https URL`, {
      hint: `Set it like ${name}=http://127.0.0.1:4600, or unset it.`,
      data: { variable: name, value },
    });
  }
  return value.replace(/\/+$/, '');
}
