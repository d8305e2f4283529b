import type { MissedEvents, SessionEvent } from '../session/session-event.js';
import type { EventFilter } from './event-filter.js';
import type { StackController } from './stack-controller.js';

export interface EventReader {
  send(event: SessionEvent | MissedEvents): void;
  /** It has not taken what it was sent: events go past it until it has, and it is told how many. */
  isBehind(): boolean;
}

/** Events that may wait for their bodies before some go past the reader. */
const waitingLimit = 1000;

/** Sends a reader what it asks for: first what it has not seen, then what happens. Returns a function that ends it. */
export function feedEvents(
  controller: Pick<StackController, 'eventsAfter' | 'onEvent' | 'entry'>,
  { since, session, bodies, wants }: EventFilter,
  reader: EventReader,
): () => void {
  let missed = 0;
  let waiting = 0;
  let last = Promise.resolve();
  let stopped = false;

  /** In order: what needs its bodies first holds up what comes after it. */
  const send = (event: SessionEvent | MissedEvents): void => {
    const whole = bodies !== undefined && (event.type === 'response' || event.type === 'failure');
    if (!whole && waiting === 0) {
      reader.send(event);
      return;
    }
    waiting += 1;
    const found = whole ? withEntry(event, bodies) : Promise.resolve(event);
    last = last.then(async () => {
      const ready = await found;
      waiting -= 1;
      if (!stopped) reader.send(ready);
    });
  };
  const withEntry = async (event: SessionEvent & { index: number }, mostBytes: number): Promise<SessionEvent> => {
    // Of a session without a history, or that has ended: the event says what there is.
    const entry = await controller.entry(event.session, event.index, mostBytes).catch(() => undefined);
    return entry === undefined ? event : { ...event, entry };
  };
  const take = (event: SessionEvent | MissedEvents): void => {
    if (event.type !== 'missed' && !wants(event)) return;
    if (waiting >= waitingLimit || reader.isBehind()) {
      missed += 1;
      return;
    }
    if (missed > 0) send({ type: 'missed', count: missed });
    missed = 0;
    send(event);
  };
  if (since !== undefined) controller.eventsAfter(since).forEach(take);
  const stop = controller.onEvent(take, session);
  return () => {
    stopped = true;
    stop();
  };
}
