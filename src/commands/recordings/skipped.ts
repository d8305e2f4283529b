import { isNewerFormat } from '../../core/stored-formats.js';
import { ProxyctlError } from '../../errors/index.js';
import type { Output } from '../shared/output.js';
import { count } from '../shared/record-test.js';

/**
 * For the end of a command that has done all the rest: names what was passed over, as it is damaged or of a newer
 * program, and throws, so that the exit code says so, too.
 */
export function throwSkipped(skipped: readonly ProxyctlError[], output: Output): void {
  const [first] = skipped;
  if (first === undefined) return;
  if (skipped.length === 1) throw passedOver(first, `One recording was passed over: ${first.message}`);
  for (const { message } of skipped) output.note(`Passed over: ${message}`);
  const worst = skipped.find((error) => !isNewerFormat(error)) ?? first;
  throw passedOver(worst, `${count(skipped.length, 'recording')} were passed over; all else was done`);
}

function passedOver({ code, hint, data }: ProxyctlError, message: string): ProxyctlError {
  return new ProxyctlError(code, message, { ...(hint === undefined ? {} : { hint }), data });
}
