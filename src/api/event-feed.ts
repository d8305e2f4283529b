import { EventLine } from '../protocol/event-line.js';
import type { EventFilter } from './event-filter.js';
import type { OperatedStack } from './operated-stack.js';

interface EventReader {
  send(line: EventLine): void;
  /** It has not taken what it was sent: events go past it until it has, and it is told how many. */
  isBehind(): boolean;
}

/** Events that may wait for their bodies before some go past the reader. */
const waitingLimit = 1000;

/** Sends a reader what it asks for: first what it has not seen, then what happens. Returns a function that ends it. */
export function feedEvents(
  { events, history }: Pick<OperatedStack, 'events' | 'history'>,
  { since, session, bodies, wants }: EventFilter,
  reader: EventReader,
): () => void {
  let missed = 0;
  let waiting = 0;
  let last = Promise.resolve();
  let stopped = false;

  /** In order: what needs its bodies first holds up what comes after it. */
  const send = (line: EventLine): void => {
    const whole = bodies !== undefined && (line.type === 'response' || line.type === 'failure');
    if (!whole && waiting === 0) {
      reader.send(line);
      return;
    }
    waiting += 1;
    const found = whole ? withEntry(line, bodies) : Promise.resolve(line);
    last = last.then(async () => {
      const ready = await found;
      waiting -= 1;
      if (!stopped) reader.send(ready);
    });
  };
  const withEntry = async (line: EventLine, mostBytes: number): Promise<EventLine> => {
    const { event } = line;
    if (!('index' in event)) return line;
    // Of a session without a history, or that has ended: the event says what there is.
    const entry = await history.entry(event.session, event.index, mostBytes).catch(() => undefined);
    return entry === undefined ? line : EventLine.of({ ...event, entry });
  };
  const take = (line: EventLine): void => {
    if (line.type !== 'missed' && !wants(line)) return;
    if (waiting >= waitingLimit || reader.isBehind()) {
      missed += 1;
      return;
    }
    if (missed > 0) send(EventLine.missed(missed));
    missed = 0;
    send(line);
  };
  if (since !== undefined) events.after(since).forEach(take);
  const stop = events.listen(take, session);
  return () => {
    stopped = true;
    stop();
  };
}
