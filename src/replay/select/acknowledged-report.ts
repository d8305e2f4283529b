import type { RecordedExchanges } from '../../http/index.js';
import type { RecordedBodies } from '../loaded/recorded-bodies.js';
import type { Incoming } from '../match/prepared-requests.js';
import type { RequestIndex } from '../match/request-index.js';
import { isReport, onlyAcknowledge } from '../request/reports.js';

/**
 * The position of a response for a report that was not recorded like this. What a client reports of itself differs from
 * run to run in number and content, and nobody reads the response: where all that were recorded were taken alike, so is
 * this one.
 */
export async function acknowledgedReport(
  { incoming, prepared }: Incoming,
  { index, exchanges, bodies }: { index: RequestIndex; exchanges: RecordedExchanges; bodies: RecordedBodies },
): Promise<number | undefined> {
  if (!isReport(incoming)) return undefined;
  const positions = (await index.sameLine(prepared)).map(({ facts }) => facts.position);
  const responses = await Promise.all(
    positions.map(async (position) => {
      const { response } = exchanges.get(position);
      return { status: response?.status ?? 0, data: await bodies.get(response?.body) };
    }),
  );
  return onlyAcknowledge(responses) ? positions.at(-1) : undefined;
}
