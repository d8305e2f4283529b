import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Writable } from 'node:stream';
import { expect, test } from 'vitest';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function heapUsed(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

test('lines that were drawn once are not kept for ever', { timeout: 60_000 }, async () => {
  // As showLiveView does: React's development build keeps a performance entry for each redraw.
  process.env['NODE_ENV'] = 'production';
  const { createElement } = await import('react');
  const { render } = await import('ink');
  const { Rows } = await import('../../../src/tui/components/row.js');
  let frames = 0;
  const stdout = new Writable({
    write(_chunk, _encoding, done) {
      frames += 1;
      done();
    },
  });
  Object.assign(stdout, { columns: 200, rows: 20 });
  let drawn = 0;
  const frame = () => {
    const lines = Array.from({ length: 20 }, () => [
      { text: `${(drawn += 1)} ${'x'.repeat(180)}`, tone: 'good' as const },
    ]);
    return createElement(Rows, { lines, height: 20, width: 200, colour: true });
  };
  const options = { stdout: stdout as unknown as NodeJS.WriteStream, debug: true, patchConsole: false };
  const view = render(frame(), options);
  for (let index = 0; index < 60; index += 1) view.rerender(frame());
  const before = heapUsed();
  for (let index = 0; index < 250; index += 1) view.rerender(frame());
  const grown = heapUsed() - before;
  view.unmount();
  expect(frames).toBeGreaterThan(300);
  // 5,000 lines of 180 characters would be over 1.5 MB with what ink keeps of each.
  expect(grown).toBeLessThan(600_000);
});
