import type { z } from 'zod';
import type { addToxicRequest, updateToxicRequest } from '../src/api/schemas.js';
import type { OperatedToxics } from '../src/api/operated-stack.js';
import { systemClock } from '../src/core/clock.js';
import { ProxyctlError, UsageError } from '../src/errors/index.js';
import { parseToxicAttributes } from '../src/toxics/attributes.js';
import type { Stream, ToxicDefinition } from '../src/toxics/index.js';
import { kindOf, toxicDefinition } from '../src/toxics/lookup.js';
import { defaultToxicName, type Toxic } from '../src/toxics/toxic.js';
import type { DesiredSession, DesiredState } from './desired-state.js';
import type { EventLog } from './event-log.js';
import type { Reconciler } from './reconciler/reconciler.js';

/** When a toxic begins and ends that was asked for now. */
function timesOf(
  { after, for: lasts }: { after?: number | undefined; for?: number | undefined },
  now = systemClock.now(),
) {
  const starts = now + (after ?? 0);
  return {
    ...(after === undefined ? {} : { startsAt: new Date(starts).toISOString() }),
    ...(lasts === undefined ? {} : { endsAt: new Date(starts + lasts).toISOString() }),
  };
}

/** Changes to a session's toxics: checked, made desired, and carried out at once. */
export class ToxicEditor implements OperatedToxics {
  constructor(
    readonly desired: DesiredState,
    readonly reconciler: Reconciler,
    readonly events: EventLog,
    /** Called after a change that may have times. */
    readonly changed: () => void,
  ) {}

  /** As they are in Toxiproxy now, those of others included. */
  async list(sessionId: string): Promise<Toxic[]> {
    const session = this.desired.session(sessionId);
    await this.reconciler.session(session, () => undefined);
    return session.shownToxics;
  }

  async add(sessionId: string, request: z.output<typeof addToxicRequest>): Promise<Toxic[]> {
    const session = this.desired.session(sessionId);
    const definition = toxicDefinition(request.type);
    const { kernel = false } = request;
    const attributes = kernel
      ? kernelAttributes(definition, request)
      : parseToxicAttributes(definition, request.attributes);
    const { host } = request;
    checkPlace(definition, request);
    const added = streamsOf(definition, request).map((stream, _, { length: count }): Toxic => {
      const { type } = definition;
      const own = count > 1 && request.name !== undefined ? `${request.name}_${stream}` : request.name;
      const kind = kernel ? 'real' : kindOf(definition);
      return {
        // One of which there is no other needs no name of its own.
        name: own === undefined || definition.perHost === false ? defaultToxicName(type, stream, host) : own,
        type,
        toxicity: request.toxicity ?? 1,
        attributes,
        foreign: false,
        ...timesOf(request),
        ...(stream === undefined ? {} : { stream }),
        ...(host === undefined ? {} : { host }),
        ...(kind === undefined ? {} : { kind }),
      };
    });
    await this.#carryOut(session, () => {
      if (definition.perHost === false) takePlace(session, added);
      for (const { name } of added) {
        if (session.toxics.some((toxic) => toxic.name === name)) {
          throw new ProxyctlError('PROXYCTL_TOXIC_EXISTS', `Session ${session.spec.id} already has a toxic "${name}"`, {
            hint: `Change it with --replace, remove it (proxyctl toxic rm ${name}), or give this one a --name of its own.`,
          });
        }
      }
      session.toxics = [...session.toxics, ...added];
      if (host !== undefined) session.addHostRoute(host);
    });
    this.changed();
    for (const toxic of added) this.events.add(session.spec.id, { type: 'toxic', action: 'added', toxic });
    return added;
  }

  async update(
    sessionId: string,
    name: string,
    { toxicity, attributes, for: lasts }: z.output<typeof updateToxicRequest>,
  ): Promise<Toxic> {
    const session = this.desired.session(sessionId);
    let changed: Toxic | undefined;
    await this.#carryOut(session, () => {
      const toxic = find(session, name);
      const definition = toxicDefinition(toxic.type);
      checkPlace(definition, { toxicity });
      changed = {
        ...toxic,
        ...timesOf({ for: lasts }, Math.max(systemClock.now(), Date.parse(toxic.startsAt ?? '') || 0)),
        toxicity: toxicity ?? toxic.toxicity,
        attributes:
          toxic.kind === 'real'
            ? kernelAttributes(definition, { attributes: { ...toxic.attributes, ...attributes } })
            : parseToxicAttributes(definition, { ...toxic.attributes, ...attributes }),
      };
      session.toxics = session.toxics.map((other) => (other === toxic ? (changed as Toxic) : other));
    });
    this.changed();
    this.events.add(session.spec.id, { type: 'toxic', action: 'changed', toxic: changed });
    return changed as unknown as Toxic;
  }

  async remove(sessionId: string, name: string): Promise<void> {
    const session = this.desired.session(sessionId);
    await this.reconciler.session(session, () => {
      const toxic = find(session, name);
      session.toxics = session.toxics.filter((other) => other !== toxic);
    });
    this.events.add(session.spec.id, { type: 'toxic', action: 'removed', toxic: { name } });
  }

  async reset(sessionId: string): Promise<number> {
    const session = this.desired.session(sessionId);
    let count = 0;
    await this.reconciler.session(session, () => {
      count = session.toxics.length;
      session.toxics = [];
    });
    this.events.add(session.spec.id, { type: 'toxic', action: 'reset' });
    return count;
  }

  /** What the kernel or the MITM process refused stands nowhere; what waits for a child to come back stays desired. */
  async #carryOut(session: DesiredSession, change: () => void): Promise<void> {
    let before: readonly Toxic[] | undefined;
    let after: readonly Toxic[] | undefined;
    try {
      await this.reconciler.session(session, () => {
        const { toxics } = session;
        change();
        before = toxics;
        after = session.toxics;
      });
    } catch (error) {
      if (before === undefined || isPassing(error)) throw error;
      const undo = (): void => {
        if (session.toxics === after) session.toxics = before ?? [];
      };
      await this.reconciler.session(session, undo).catch(() => undefined);
      throw error;
    }
  }
}

/** Whether a failure passes by itself: a child that is away is started again. */
function isPassing(error: unknown): boolean {
  return error instanceof ProxyctlError && (error.code === 'PROXYCTL_CHILD' || error.code === 'PROXYCTL_TIMEOUT');
}

/** Throws `UsageError` for what says where a toxic acts and does not go with it. */
function checkPlace(
  { type, streams, perHost }: ToxicDefinition,
  { stream, toxicity, host }: { stream?: unknown; toxicity?: unknown; host?: string | undefined },
): void {
  const [beyond] = Object.entries({ stream, toxicity }).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  if (streams === 'none' && beyond !== undefined)
    throw new UsageError(`Toxic ${type} has no ${beyond}: it acts on connections as a whole, on each of them`, {
      hint: `Leave ${beyond} out.`,
      data: { type, beyond },
    });
  if (perHost === false && host !== undefined)
    throw new UsageError(`Toxic ${type} acts on the whole session, not on one host`, {
      hint: `To have connections to ${host} cut: proxyctl toxic reset-peer 0 --host ${host}`,
    });
}

function streamsOf(
  { streams }: ToxicDefinition,
  { stream = 'downstream' }: { stream?: Stream | 'both' | undefined },
): (Stream | undefined)[] {
  if (streams === 'none') return [undefined];
  return stream === 'both' ? ['upstream', 'downstream'] : [stream];
}

/**
 * A toxic of which there is one in a session takes the place of the one before it. One that acts already does not stop
 * for it.
 */
function takePlace(session: DesiredSession, added: Toxic[]): void {
  const [own] = added;
  const acts = session.activeToxics.some(({ type }) => type === own?.type);
  session.toxics = session.toxics.filter(({ type }) => type !== own?.type);
  if (acts) delete own?.startsAt;
}

/** Of a toxic that the kernel is to be. Throws `UsageError` for what it cannot do. */
function kernelAttributes(
  definition: ToxicDefinition,
  { attributes, host, toxicity = 1 }: Partial<z.output<typeof addToxicRequest>>,
): Toxic['attributes'] {
  const { type, inKernel } = definition;
  const given = Object.entries(attributes ?? {}).filter(([, value]) => value !== undefined);
  const beyond = given.map(([name]) => name).filter((name) => inKernel?.includes(name) !== true && name !== 'cc');
  if (host !== undefined) beyond.push('host');
  if (toxicity < 1) beyond.push('toxicity');
  if (inKernel !== undefined && beyond.length === 0) {
    const all = parseToxicAttributes(definition, attributes ?? {});
    return Object.fromEntries(Object.entries(all).filter(([name]) => inKernel.includes(name)));
  }
  throw new UsageError(
    inKernel === undefined
      ? `The kernel cannot be told to be the toxic ${type}`
      : `Real packet loss knows no ${beyond.join(', ')}: packets of the whole session get lost, each on its own`,
    { hint: 'Leave --kernel out: then it is modelled.', data: { type, beyond } },
  );
}

/** Throws `PROXYCTL_TOXIC_NOT_FOUND` with the names that there are. */
function find(session: DesiredSession, name: string): Toxic {
  const toxic = session.toxics.find((candidate) => candidate.name === name);
  if (toxic !== undefined) return toxic;
  const names = session.toxics.map((candidate) => candidate.name);
  throw new ProxyctlError('PROXYCTL_TOXIC_NOT_FOUND', `Session ${session.spec.id} has no toxic "${name}"`, {
    hint: names.length === 0 ? 'It has none at all.' : `It has: ${names.join(', ')}`,
  });
}
