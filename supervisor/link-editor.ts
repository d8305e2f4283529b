import { systemClock } from '../src/core/clock.js';
import type { z } from 'zod';
import type { OperatedLink } from '../src/api/operated-stack.js';
import { resolveLink, type Link, type setLinkRequest } from '../src/network/link.js';
import { linkProfiles, type LinkProfile } from '../src/network/profiles.js';
import { TimelinePlayer } from '../src/network/timeline/player.js';
import type { timelineRequest, TimelineView } from '../src/network/timeline/schema.js';
import { createTimeline, type Timeline } from '../src/network/timeline/timeline.js';
import type { Children } from './children.js';
import { shownLink, type DesiredSession } from './desired-state.js';
import type { Timetable } from './timetable.js';

/** Changes to a session's link: made desired, and carried out at once or when their time has come. */
export class LinkEditor implements OperatedLink {
  /** The links that have a name: the user's own before those that everybody has. */
  readonly profiles: readonly LinkProfile[];

  constructor(
    readonly children: Pick<Children, 'desired' | 'reconciler' | 'events'>,
    readonly timetable: Timetable,
    ownProfiles: readonly LinkProfile[],
  ) {
    this.profiles = [...ownProfiles, ...linkProfiles];
  }

  async set(sessionId: string, request: z.output<typeof setLinkRequest>): Promise<Link> {
    const { desired, reconciler, events } = this.children;
    const session = desired.session(sessionId);
    const link = resolveLink(request, this.profiles);
    const { after: afterMs = 0, for: lastsMs } = request;
    if (afterMs === 0 && lastsMs === undefined) {
      await reconciler.session(session, () => {
        session.link = link;
        session.timeline = undefined;
      });
      this.timetable.plan();
      events.add(sessionId, { type: 'link', action: 'set', link: shownLink(link) });
    } else {
      const lasts: [number, number] | undefined = lastsMs === undefined ? undefined : [lastsMs, lastsMs];
      const step = { atMs: afterMs, lastsMs: lasts, rampMs: 0, state: { kind: 'link' as const, link } };
      await this.#play(session, { name: link.profile, seed: link.seed, rounds: 1, steps: [step] });
    }
    return shownLink(link) as Link;
  }

  async play(sessionId: string, request: z.output<typeof timelineRequest>): Promise<TimelineView> {
    const session = this.children.desired.session(sessionId);
    return this.#play(session, createTimeline(request, this.profiles));
  }

  async remove(sessionId: string): Promise<void> {
    const { desired, reconciler, events } = this.children;
    const session = desired.session(sessionId);
    await reconciler.session(session, () => {
      session.link = undefined;
      session.timeline = undefined;
    });
    this.timetable.plan();
    events.add(sessionId, { type: 'link', action: 'removed' });
  }

  async #play(session: DesiredSession, timeline: Timeline): Promise<TimelineView> {
    const player = new TimelinePlayer(timeline, { startedAt: systemClock.now(), base: session.link });
    session.timeline = player;
    await this.timetable.advance(session);
    return player.view();
  }
}
