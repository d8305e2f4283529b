import type { OperatedHistory } from '../src/api/operated-stack.js';
import { ProxyctlError } from '../src/errors/index.js';
import type { Har, HarEntry } from '../src/har/har.js';
import type { ExpectRequest, ExpectResult } from '../src/overrides/index.js';
import type { HarFilter } from '../src/protocol/har-filter.js';
import type { DesiredState } from './desired-state.js';
import type { MitmProcess } from './mitm-process.js';
import type { MitmWorkers } from './mitm-workers.js';

/** What the MITM process may take to answer once the time of an expectation is over. */
const answerMs = 20_000;

/** What sessions have seen, as their MITM processes keep it. */
export class SessionHistory implements OperatedHistory {
  constructor(
    readonly desired: DesiredState,
    readonly mitm: MitmWorkers,
  ) {}

  har(session: string, filter: HarFilter): Promise<Har> {
    return this.#mitmOf(session).call('har', { id: session, filter });
  }

  async entry(session: string, index: number, mostBytes: number): Promise<HarEntry | undefined> {
    return (await this.#mitmOf(session).call('entry', { id: session, index, mostBytes })).entry;
  }

  expect(session: string, expectation: ExpectRequest): Promise<ExpectResult> {
    return this.#mitmOf(session).call('expect', { id: session, expectation }, expectation.within + answerMs);
  }

  #mitmOf(id: string): MitmProcess {
    const mitm = this.mitm.at(this.desired.session(id).worker);
    if (mitm === undefined)
      throw new ProxyctlError('PROXYCTL_CHILD', `The MITM process of session ${id} is not up`, {
        hint: 'It is being started again; try again in a moment.',
      });
    return mitm.process;
  }
}
