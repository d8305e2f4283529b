import { Body, frameEnds, type BodySink, type Exchange, type RawHeaders } from '../../http/index.js';
import { BodyGate } from '../respond/body-gate.js';
import { gapMs, type Timing } from '../respond/timing.js';
import { pause } from '../select/pause.js';
import type { LiveRequest } from './live-request.js';
import type { DialogueScript } from './script.js';

interface DialogueParts {
  script: DialogueScript;
  live: LiveRequest;
  exchange: Exchange;
  trailers: RawHeaders;
  /** What the response ends with in place of its end; `hang`: it stays open until the client goes away. */
  failure: Error | 'hang' | undefined;
  hangMs: number;
  /** Whether the first messages of the request, so many, are what was recorded; throws the miss where they are not. */
  check: (frames: number, data: Buffer) => void;
  /** A recorded message as it reads in this run. */
  rewritten: (data: Buffer) => Buffer;
  timing: Timing;
}

/** A recorded response that gives each message once the messages have come that it followed upon. */
export function dialogueBody(parts: DialogueParts): Body {
  return new Body({ pipe: (sink) => void play(parts, sink) });
}

async function play(
  { script, live, exchange, trailers, failure, hangMs, check, rewritten, timing }: DialogueParts,
  sink: BodySink,
) {
  const gate = new BodyGate();
  sink.open(gate);
  let checked = 0;
  let sentAt = performance.now();
  /** Until so many messages have come; Infinity: the whole request. */
  const come = async (frames: number): Promise<void> => {
    for (;;) {
      if (live.failed !== undefined) throw live.failed;
      const ends = frameEnds(live.data);
      const known = Math.min(ends.length, Math.max(frames, checked));
      if (known > checked || live.ended) {
        checked = known;
        check(live.ended ? Infinity : known, live.ended ? live.data : live.data.subarray(0, ends[known - 1] ?? 0));
      }
      if (live.ended || ends.length >= frames) return;
      await Promise.race([live.changed(), gate.given]);
      if (gate.aborted !== undefined) throw gate.aborted;
    }
  };
  try {
    for (const [i, { data, after, afterMs }] of script.answers.entries()) {
      await come(after);
      const before = script.answers[i - 1];
      // what follows upon a message of the client comes at once
      if (before?.after === after)
        await pause(sentAt + gapMs(before.afterMs, afterMs, timing) - performance.now(), exchange);
      await gate.opened();
      sink.chunk(rewritten(data));
      sentAt = performance.now();
    }
    if (!script.endedFirst && failure === undefined) await come(Infinity);
    if (failure === 'hang') await pause(hangMs, exchange);
    await gate.opened();
  } catch (reason) {
    if (gate.aborted === undefined) sink.error(reason instanceof Error ? reason : new Error(String(reason)));
    return;
  }
  if (failure === undefined) sink.end(trailers);
  else sink.error(failure === 'hang' ? new Error('The recorded call was given up by its client') : failure);
}
