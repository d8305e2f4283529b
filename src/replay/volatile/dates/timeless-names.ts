import { memoizeText } from '../../../core/memoize.js';

/** Names whose values look like times at most by chance, or are times that never move. */
const timeless =
  /birth|^dob$|\bborn\b|release|version|build|copyright|phone|mobile|\btel|\bfax|msisdn|isbn|\bean\b|\bupc\b|gtin|imei|serial|postal|zip|price|amount|cost|total|balance|salary|size|length|bytes|width|height|count|quantity|\bqty\b|number|(?:^|[^a-z])(?:id|ids|ref|no|num|nr|sku|code)$/i;

/**
 * Whether what is called `name` is never a point in time that moves: birthdays, releases, ids, phone numbers, amounts.
 */
export const isTimeless = memoizeText((name) => {
  if (name === '') return false;
  // camelCase to words, so that `userId` ends in the word `id`, and `paid` does not
  return timeless.test(name.replace(/([a-z0-9])([A-Z])/g, '$1_$2'));
});

const timely =
  /(?:^|_)(?:at|on|ts|tm|time|times|timestamp|date|dates|day|month|week|period|when|now|since|until|till|from|to|start|starts|end|ends|begin|begins|due|deadline|exp|iat|nbf|auth|expires?|expiry|expiration|valid|reset|retry|created|updated|modified|changed|deleted|issued|published|scheduled|sent|received|seen|last|next|arrival|arrives|arrive|departure|departs|checkin|checkout|check|epoch|ms|sec|secs|seconds|millis|nanos|ticks|utc|login|opens|closes)(?:_|$)/i;

/** Whether a plain number that is called `name` is likely a point in time. */
export function namesTime(name: string): boolean {
  const words = name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').replace(/[^A-Za-z0-9]+/g, '_');
  return timely.test(words) || /(?:time|date|stamp|expires?|expiry)$/i.test(words);
}

/** Names of what a clock was read for: such a time moves by seconds even when it happens to be a full hour. */
export function namesClockReading(name: string): boolean {
  return /exp(?:$|ir)|^(?:iat|nbf|ts|now|auth_time)$|timestamp|creat|updat|modif|issued|valid|reset|retry|server_?time|last_?seen|sent|received/i.test(
    name,
  );
}
