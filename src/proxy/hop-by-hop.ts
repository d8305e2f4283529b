import type { RawHeaders } from '../http/index.js';

const noNames: ReadonlySet<string> = new Set();

/** Fields that a message cannot do without, whatever its `Connection` says: naming them there is an attack. */
const endToEnd = new Set(['host', 'content-length', 'transfer-encoding', 'content-type', 'authorization', 'cookie']);

/** What a message's `Connection` fields say. */
export interface ConnectionOptions {
  close: boolean;
  upgrade: boolean;
  /** Fields that they name as meant for this connection only, lower case. */
  named: ReadonlySet<string>;
}

const keepAlive: ConnectionOptions = { close: false, upgrade: false, named: noNames };
const close: ConnectionOptions = { close: true, upgrade: false, named: noNames };

/** Reads all `Connection` fields (RFC 9110 §7.6.1). */
export function connectionOptions(headers: RawHeaders): ConnectionOptions {
  let options = keepAlive;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    if (name.length !== 10 || (name !== 'Connection' && name.toLowerCase() !== 'connection')) continue;
    const value = headers[i + 1] as string;
    if (value === 'keep-alive') continue;
    options = options === keepAlive && value === 'close' ? close : merge(options, value);
  }
  return options;
}

function merge(before: ConnectionOptions, value: string): ConnectionOptions {
  const named = new Set(before.named);
  let { close, upgrade } = before;
  for (const part of value.toLowerCase().split(',')) {
    const token = part.trim();
    if (token === 'close') close = true;
    else if (token === 'upgrade') upgrade = true;
    else if (token !== '' && token !== 'keep-alive' && !endToEnd.has(token)) named.add(token);
  }
  return { close, upgrade, named };
}
