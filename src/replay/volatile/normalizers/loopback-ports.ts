import { defineNormalizer, spansOf } from './define-normalizer.js';

/** Systems hand out ports from 32768 (Linux) or 49152 (RFC 6335 §6) on; a port below was chosen by somebody. */
const place =
  /(?<![\w.-])(?:localhost|127\.0\.0\.1|\[::1\]|host\.docker\.internal)(?::|%3A)(?:3276[89]|327[7-9]\d|32[89]\d{2}|3[3-9]\d{3}|[45]\d{4}|6[0-4]\d{3}|65[0-4]\d{2}|655[0-2]\d|6553[0-5])(?!\d)/gi;

/** Most values have none of it, and are done with one look. */
const maybePlace = /localhost|127\.0|::1|docker\./i;

/** Where a client listens itself: for the response to a login (RFC 8252 §7.3 lets the port be any), for webhooks. */
export const loopbackPorts = defineNormalizer({
  name: 'loopback-ports',
  summary: 'The client’s own address with a port that the system chose: http://localhost:53121/callback',
  kind: 'id',
  examples: {
    found: ['redirect_uri=http://localhost:53121/callback', 'hook=http://127.0.0.1:40123/events'],
    leftAlone: ['upstream=http://localhost:8080/', 'http://shop.test:53121/', '127.0.0.1'],
  },
  mayMatch: (_, value) => maybePlace.test(value),
  find: ({ value }) => (maybePlace.test(value) ? spansOf(value, place) : []),
});
