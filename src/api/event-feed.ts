import type { MissedEvents, SessionEvent } from '../session/session-event.js';
import type { EventFilter } from './event-filter.js';
import type { StackController } from './stack-controller.js';

export interface EventReader {
  send(event: SessionEvent | MissedEvents): void;
  /** It has not taken what it was sent: events go past it until it has, and it is told how many. */
  isBehind(): boolean;
}

/** Sends a reader what it asks for: first what it has not seen, then what happens. Returns a function that ends it. */
export function feedEvents(
  controller: Pick<StackController, 'eventsAfter' | 'onEvent'>,
  { since, wants }: EventFilter,
  reader: EventReader,
): () => void {
  let missed = 0;
  const take = (event: SessionEvent | MissedEvents): void => {
    if (event.type !== 'missed' && !wants(event)) return;
    if (reader.isBehind()) {
      missed += 1;
      return;
    }
    if (missed > 0) reader.send({ type: 'missed', count: missed });
    missed = 0;
    reader.send(event);
  };
  if (since !== undefined) controller.eventsAfter(since).forEach(take);
  return controller.onEvent(take);
}
