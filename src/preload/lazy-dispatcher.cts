import type undici = require('undici');

/** Where undici, Node's own and any that a program brings, looks for the dispatcher of `fetch`. */
const places = [Symbol.for('undici.globalDispatcher.1'), Symbol.for('undici.globalDispatcher.2')];

/**
 * Makes `fetch` use the proxy variables: stands in for undici's dispatcher and becomes it on first use. A program that
 * sets a dispatcher of its own replaces this one.
 */
function install(): void {
  const standIn = new Proxy({} as undici.Dispatcher, {
    get(_, key) {
      const dispatcher = load();
      const value: unknown = Reflect.get(dispatcher, key, dispatcher);
      return typeof value === 'function' ? (value as () => unknown).bind(dispatcher) : value;
    },
  });
  for (const place of places) {
    Object.defineProperty(globalThis, place, { value: standIn, writable: true, configurable: true, enumerable: false });
  }
}

let dispatcher: undici.Dispatcher | undefined;

function load(): undici.Dispatcher {
  if (dispatcher !== undefined) return dispatcher;
  try {
    const { EnvHttpProxyAgent } = require('undici') as typeof undici;
    dispatcher = new EnvHttpProxyAgent();
    return dispatcher;
  } catch (error) {
    throw new Error(
      `proxyctl cannot make fetch use the proxy in Node ${process.version}: use Node 20.18 or later for this command`,
      { cause: error },
    );
  }
}

export = { install };
