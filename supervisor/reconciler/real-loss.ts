import type { DesiredSession } from '../desired-state.js';
import type { DropRule, KernelLoss } from '../kernel-loss.js';

/** The kernel's packet loss: one rule for each toxic of kind `real`. */
export class RealLoss {
  readonly #kernel: KernelLoss;
  readonly #sessions: ReadonlyMap<string, DesiredSession>;

  constructor(kernel: KernelLoss, sessions: ReadonlyMap<string, DesiredSession>) {
    this.#kernel = kernel;
    this.#sessions = sessions;
  }

  /** Makes the rules of all sessions that have not been removed the only ones. */
  reconcile(): Promise<void> {
    const sessions = [...this.#sessions.values()].filter(({ removed }) => !removed);
    return this.#kernel.set(sessions.flatMap(dropRules));
  }
}

function dropRules({ activeToxics, spec }: DesiredSession): DropRule[] {
  return activeToxics
    .filter(({ kind }) => kind === 'real')
    .flatMap(({ stream, attributes }) =>
      stream === undefined ? [] : [{ port: spec.port, stream, loss: Number(attributes['loss'] ?? 0) }],
    );
}
