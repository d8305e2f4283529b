import { headerValues, type RecordedExchanges } from '../../http/index.js';
import type { ComparableRequest } from '../request/comparable-request.js';
import { isBeacon } from '../request/request-kind.js';
import { hashTexts } from '../request/field.js';
import { positionsOf, recordedLine } from '../loaded/recorded-request.js';
import type { RequestIndex } from '../match/request-index.js';

/** A recorded request that may have changed what others are answered. Times are milliseconds since 1970. */
export interface RecordedWrite {
  position: number;
  startedAt: number;
  answeredAt: number;
  path: string;
  /** Equal for the same operation: method and path. */
  operation: string;
  /** Who made it: equal for the same credentials. */
  identity: number;
}

/** The writes of each host, found when they are asked for. What only reports (analytics) is none. */
export class WriteHistory {
  readonly #exchanges: RecordedExchanges;
  readonly #index: RequestIndex;
  readonly #identities = new Map<number, number>();
  readonly #byHost = new Map<string, RecordedWrite[] | Promise<RecordedWrite[]>>();

  constructor(exchanges: RecordedExchanges, index: RequestIndex) {
    this.#exchanges = exchanges;
    this.#index = index;
  }

  /** The writes on a host, in the order in which they began. */
  of(host: string, port: number): RecordedWrite[] | Promise<RecordedWrite[]> {
    return this.#remembered(`${host}:${port}`, (line) => line.host === host && line.port === port);
  }

  /** The writes on any port of a host: one backend may take requests at one and tell of them at another. */
  ofAllPorts(host: string): RecordedWrite[] | Promise<RecordedWrite[]> {
    return this.#remembered(host, (line) => line.host === host);
  }

  #remembered(key: string, isOn: (line: ComparableRequest) => boolean): RecordedWrite[] | Promise<RecordedWrite[]> {
    const known = this.#byHost.get(key);
    if (known !== undefined) return known;
    const found = this.#find(isOn).then((writes) => {
      this.#byHost.set(key, writes);
      return writes;
    });
    this.#byHost.set(key, found);
    return found;
  }

  identityOf(position: number): number {
    const known = this.#identities.get(position);
    if (known !== undefined) return known;
    const { headers } = this.#exchanges.get(position);
    const identity = hashTexts([...headerValues(headers, 'authorization'), ...headerValues(headers, 'cookie')]);
    this.#identities.set(position, identity);
    return identity;
  }

  async #find(isOn: (line: ComparableRequest) => boolean): Promise<RecordedWrite[]> {
    const writes: RecordedWrite[] = [];
    for (const position of positionsOf(this.#exchanges)) {
      const outline = this.#exchanges.outline(position);
      if (/^(?:GET|HEAD|OPTIONS)$/.test(outline.method)) continue;
      const line = recordedLine(outline);
      if (line === undefined || !isOn(line) || isBeacon(line)) continue;
      const facts = await this.#index.facts(position);
      if (facts === undefined || facts.isRead) continue;
      const { startedAt, answeredAt } = facts;
      const operation = `${line.method} ${line.path}`;
      writes.push({ position, startedAt, answeredAt, path: line.path, operation, identity: this.identityOf(position) });
    }
    return writes.sort((a, b) => a.startedAt - b.startedAt);
  }
}
