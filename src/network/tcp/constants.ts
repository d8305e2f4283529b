/** Payload of a full segment on a path with an MTU of 1500 and timestamps (RFC 7323), bytes. */
export const maxSegmentBytes = 1448;
/** IPv4 and TCP headers with timestamps; also the size of an ACK, bytes. */
export const headerBytes = 52;
/** Segments (RFC 6928). */
export const initialWindow = 10;
/** Floor of the retransmission time-out's variance term, ms. RFC 6298 has 1 s for the whole; Linux has this. */
export const minRtoMs = 200;
export const maxRtoMs = 120_000;
/** Before the first measurement, ms (RFC 6298 §2.1). */
export const initialRtoMs = 1000;
/** Time-outs in a row after which a connection is given up (Linux `tcp_retries2`): after about 15 minutes. */
export const maxTimeouts = 15;
