import { systemClock } from '../src/core/clock.js';
import { messageOf } from '../src/errors/index.js';
import type { Toxic } from '../src/toxics/toxic.js';
import type { Children } from './children.js';
import { shownLink, type DesiredSession } from './desired-state.js';

/** Timers of Node are late at times, but never this early, ms. */
const earlyMs = 1;
const retryMs = 500;

/**
 * Does in the sessions what has a time: toxics that begin and go by themselves, links that follow a timeline. What it
 * holds is the desired state alone, so that it goes on over restarts of the children.
 */
export class Timetable {
  readonly #children: Pick<Children, 'desired' | 'reconciler' | 'events' | 'logger'>;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;
  /** After a failure nothing is tried again before this, milliseconds since 1970. */
  #notBefore = 0;

  constructor(children: Pick<Children, 'desired' | 'reconciler' | 'events' | 'logger'>) {
    this.#children = children;
  }

  /** To be called after each change that may have times. */
  plan(): void {
    clearTimeout(this.#timer);
    if (this.#closed) return;
    const next = Math.min(...[...this.#children.desired.sessions.values()].map(nextOf));
    if (next === Infinity) return;
    this.#timer = setTimeout(() => void this.#run(), Math.max(0, Math.max(next, this.#notBefore) - systemClock.now()));
    this.#timer.unref();
  }

  /** Does in one session what is due, and plans what comes next. */
  async advance(session: DesiredSession): Promise<void> {
    const now = systemClock.now() + earlyMs;
    try {
      if (timesOf(session).some((time) => time <= now)) await this.#changeToxics(session, now);
      if (session.timeline !== undefined) await this.#changeLink(session, now);
    } catch (error) {
      this.#notBefore = systemClock.now() + retryMs;
      throw error;
    } finally {
      this.plan();
    }
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  async #run(): Promise<void> {
    const now = systemClock.now() + earlyMs;
    const due = [...this.#children.desired.sessions.values()].filter((session) => nextOf(session) <= now);
    await Promise.all(
      due.map((session) =>
        this.advance(session).catch((error: unknown) => {
          // It stays due, or desired, and is carried out when the children can take it.
          const { id } = session.spec;
          this.#children.logger.warn(`Session ${id}: what was due was not done`, { error: messageOf(error) });
        }),
      ),
    );
    this.plan();
  }

  async #changeToxics(session: DesiredSession, now: number): Promise<void> {
    const started: Toxic[] = [];
    const ended: Toxic[] = [];
    await this.#children.reconciler.session(session, () => {
      session.toxics = session.toxics.flatMap((toxic) => {
        if (isPast(toxic.endsAt, now)) {
          ended.push(toxic);
          return [];
        }
        if (!isPast(toxic.startsAt, now)) return [toxic];
        const { startsAt: _, ...begun } = toxic;
        started.push(begun);
        return [begun];
      });
    });
    const { events } = this.#children;
    const { id } = session.spec;
    for (const toxic of started) events.add(id, { type: 'toxic', action: 'added', toxic });
    for (const toxic of ended) events.add(id, { type: 'toxic', action: 'removed', toxic });
  }

  async #changeLink(session: DesiredSession, now: number): Promise<void> {
    const player = session.timeline;
    if (player === undefined) return;
    const before = player.view();
    const moment = player.at(now);
    await this.#children.reconciler.runtimeConfig(session, () => {
      if (session.timeline !== player) return; // another took its place meanwhile
      session.link = moment.link;
      if (moment.over) session.timeline = undefined;
    });
    const { round, step } = player.view();
    if (!moment.over && round === before.round && step === before.step) return;
    const { link } = moment;
    const action = link === undefined ? ('removed' as const) : ('set' as const);
    const shown = shownLink(link);
    this.#children.events.add(session.spec.id, {
      type: 'link',
      action,
      ...(shown === undefined ? {} : { link: shown }),
    });
  }
}

function isPast(time: string | undefined, now: number): boolean {
  return time !== undefined && Date.parse(time) <= now;
}

/** When toxics of a session begin and end, milliseconds since 1970. */
function timesOf({ toxics }: DesiredSession): number[] {
  const times = toxics.map(({ startsAt, endsAt }) => startsAt ?? endsAt);
  return times.filter((time) => time !== undefined).map((time) => Date.parse(time));
}

function nextOf(session: DesiredSession): number {
  return Math.min(session.timeline?.nextAt ?? Infinity, ...timesOf(session));
}
