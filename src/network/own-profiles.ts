import { checkValue, ProxyctlError } from '../errors/index.js';
import { linkSettings } from './link.js';
import { linkProfiles, type LinkProfile } from './profiles.js';

const name = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$/;

/**
 * The links of a config file: `office: { down: 20mbit, up: 5mbit, rtt: 30ms }`. Throws `PROXYCTL_CONFIG` for a value
 * that is not one, and for a name that a link of ours has.
 */
export function ownProfiles(links: Readonly<Record<string, unknown>>, file: string): LinkProfile[] {
  return Object.entries(links).map(([key, value]) => {
    if (!name.test(key)) throw wrong(file, key, 'a name is letters, digits, ".", "_", ":" or "-"');
    if (['off', 'down', 'ls', 'play'].includes(key) || linkProfiles.some((profile) => profile.name === key))
      throw wrong(file, key, 'the name is taken');
    const settings = checkValue(linkSettings.omit({ seed: true, queue: true }), value);
    if (settings.fault !== undefined) throw wrong(file, key, settings.fault);
    const { down, up, rtt = 0, jitter, loss, burst } = settings.data;
    return {
      name: key,
      ...(down === undefined ? {} : { downKbit: down * 8 }),
      ...(up === undefined ? {} : { upKbit: up * 8 }),
      rtt,
      ...(jitter === undefined ? {} : { jitter }),
      ...(loss === undefined ? {} : { loss }),
      ...(burst === undefined ? {} : { burst }),
      source: file,
    };
  });
}

function wrong(file: string, key: string, what: string): ProxyctlError {
  return new ProxyctlError('PROXYCTL_CONFIG', `${file}: links.${key}: ${what}`, {
    hint: 'Write a link like: office: { down: 20mbit, up: 5mbit, rtt: 30ms, loss: 0.1% }',
  });
}
