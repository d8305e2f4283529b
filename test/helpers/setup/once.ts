const done = new Map<string, Promise<unknown>>();
const key = Symbol.for('proxyctl.tests.setup');
// The set-ups of several vitest projects run in one process, each with its own copy of this module.
const shared = ((globalThis as { [key]?: Map<string, Promise<unknown>> })[key] ??= done);

/** Does `work` once for all projects of a run that ask for it. */
export function once<T>(name: string, work: () => Promise<T>): Promise<T> {
  const begun = shared.get(name) as Promise<T> | undefined;
  if (begun !== undefined) return begun;
  const promise = work();
  shared.set(name, promise);
  return promise;
}
