import { EventQueue } from '../../src/link/event-queue.js';
import { LinkDirection } from '../../src/link/link-direction.js';
import { createLossProcess } from '../../src/link/loss-process.js';
import { createRandom } from '../../src/link/random.js';
import { TcpStream } from '../../src/link/tcp/tcp-stream.js';
const [rtt, p, n] = process.argv.slice(2).map(Number) as [number, number, number];
const tot: Record<string, number> = {};
let N = 0,
  cw = 0,
  open = 0,
  openN = 0,
  infl = 0,
  srtt = 0,
  ss = 0,
  bytes = 0;
for (let run = 0; run < n; run++) {
  const random = createRandom(run + 77);
  const ev = new EventQueue(random() * 1000);
  const down = new LinkDirection({
    delayMs: rtt / 2,
    loss: createLossProcess({ kind: 'bernoulli', p: p / 100 }, random),
  });
  const up = new LinkDirection({ delayMs: rtt / 2, loss: createLossProcess({ kind: 'none' }, random) });
  const st = new TcpStream(
    { events: ev, forward: down, reverse: up, control: 'cubic' },
    {
      passed: (b) => {
        bytes += b;
      },
    },
  );
  st.write(1e7);
  const t0 = ev.now;
  for (let t = 10; t < 40000; t += 10) {
    ev.advanceTo(t0 + t);
    const s = st.sender;
    tot[s.state] = (tot[s.state] ?? 0) + 1;
    N++;
    cw += s.window.cwnd;
    if (s.state === 'open') {
      open += s.window.cwnd;
      openN++;
    }
    infl += s.board.inFlight;
    srtt += s.rtt.srtt;
    if (s.window.ssthresh < 1e6) ss += s.window.ssthresh;
    if (process.env.V)
      console.log(
        t,
        s.state,
        'unacked',
        s.board.outstanding,
        'sacked',
        s.board.sacked,
        'lost',
        s.board.lost,
        'retr',
        s.board.retransmitted,
        'srtt',
        s.rtt.srtt.toFixed(2),
        'ss',
        s.window.ssthresh,
        'cwnd',
        s.window.cwnd,
      );
  }
}
console.log(
  Object.fromEntries(Object.entries(tot).map(([k, v]) => [k, (v / N).toFixed(4)])),
  'cwnd',
  (cw / N).toFixed(2),
  'open',
  (open / openN).toFixed(2),
  'infl',
  (infl / N).toFixed(2),
  'srtt',
  (srtt / N).toFixed(2),
  'ss',
  (ss / N).toFixed(2),
  'goodput',
  ((bytes * 8) / (n * 40) / 1e6).toFixed(3),
);
