import type { NewToxiproxyProxy, ToxiproxyApi, ToxiproxyProxy } from '../toxiproxy/toxiproxy-api.js';

/** Creates the proxy, or changes the one of this name that is there. */
export async function put(api: ToxiproxyApi, desired: NewToxiproxyProxy): Promise<ToxiproxyProxy> {
  const present = await api.proxy(desired.name);
  if (present === undefined) return api.createProxy(desired);
  const { name: _, ...change } = desired;
  // Port 0 would move a listener that clients know already.
  const listen = desired.listen.endsWith(':0') ? present.listen : desired.listen;
  return { ...present, ...(await api.updateProxy(desired.name, { ...change, listen })) };
}

export function address(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

export function portOf(listen: string): number {
  return Number(listen.slice(listen.lastIndexOf(':') + 1));
}
