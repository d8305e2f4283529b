import type { StackApi } from '../api/client.js';
import { messageOf, ProxyctlError } from '../errors/index.js';
import type { Effect } from './live-model.js';
import type { LiveStore } from './live-store.js';
import { formatToxics } from './toxic-label.js';

type StackEffect = Exclude<Effect, { type: 'quit' | 'repaint' }>;

/** Carries out what a key asked of the stack, and tells the view how it went. Never rejects. */
export async function performEffect(stack: StackApi, store: LiveStore, effect: StackEffect): Promise<void> {
  try {
    store.dispatch({ type: 'done', effect, text: await carryOut(stack, effect) });
  } catch (error) {
    store.dispatch({ type: 'failed', effect, text: explain(error) });
  }
  try {
    store.dispatch({ type: 'session', session: await stack.sessions.get(effect.session) });
  } catch {
    // The next status, at most a second away, says what became of the session.
  }
}

/** Returns what was done, in words. */
async function carryOut({ toxics }: StackApi, effect: StackEffect): Promise<string> {
  const { session } = effect;
  switch (effect.type) {
    case 'add-toxic': {
      const added = await toxics.add(session, effect.request);
      return `Added ${added.length === 0 ? effect.request.type : formatToxics(added)} to ${session}`;
    }
    case 'change-toxic':
      return `Changed ${formatToxics([await toxics.update(session, effect.name, effect.change)])} of ${session}`;
    case 'remove-toxic':
      await toxics.remove(session, effect.name);
      return `Removed ${effect.name} from ${session}`;
    case 'reset-toxics': {
      const count = await toxics.reset(session);
      return count === 0 ? `Session ${session} had no toxics` : `Removed ${count} from ${session}`;
    }
  }
}

function explain(error: unknown): string {
  const hint = error instanceof ProxyctlError ? error.hint : undefined;
  return [messageOf(error), hint].filter(Boolean).join('. ');
}
